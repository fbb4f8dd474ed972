package io.longshore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.longshore.sys.SysctlTree;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/**
 * {@code longshore sysctl} in a process that a test has put into a network namespace: one command a line on standard input,
 * and for each its output, every write that reached the kernel ({@code #write KEY}), and {@code #exit CODE}. {@code #listen ADDRESS PORT} opens a socket instead, and answers nothing.
 *
 * <p>The first argument is the network namespace of whoever started it: in that one it ends at once. With a second argument
 * it kills itself, as SIGKILL does, when that many keys have been written and the next one is about to be.
 */
public final class SysctlShell {
    private SysctlShell() {}

    public static void main(String[] arguments) throws IOException {
        if (Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString().equals(arguments[0])) {
            throw new IllegalStateException("this is the host's own network namespace");
        }
        int writesMax = arguments.length > 1 ? Integer.parseInt(arguments[1]) : Integer.MAX_VALUE;
        List<ServerSocket> listeners = new ArrayList<>();
        PrintWriter out = new PrintWriter(System.out, true, UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.startsWith("#listen ")) {
                String[] address = line.split(" ");
                listeners.add(new ServerSocket(Integer.parseInt(address[2]), 1, InetAddress.getByName(address[1])));
                continue;
            }
            Recorder tree = new Recorder(writesMax);
            int code = new CommandLine(new SysctlCommand(tree))
                    .setOut(out)
                    .setErr(out)
                    .execute(line.split(" "));
            tree.written.forEach(key -> out.println("#write " + key));
            out.println("#exit " + code);
        }
        for (ServerSocket listener : listeners) {
            listener.close();
        }
    }

    /** The running kernel, and what was written to it. */
    private static final class Recorder extends SysctlTree {
        private final List<String> written = new ArrayList<>();
        private final int writesMax;

        Recorder(int writesMax) {
            this.writesMax = writesMax;
        }

        @Override
        public void write(String key, String value) throws IOException {
            if (written.size() == writesMax) {
                kill();
            }
            super.write(key, value);
            written.add(key);
        }

        private static void kill() throws IOException {
            String self = Long.toString(ProcessHandle.current().pid());
            try {
                new ProcessBuilder("kill", "-KILL", self).start().waitFor();
                // The signal is on its way; nothing more is to happen until it is here.
                Thread.currentThread().join();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }
}
