package io.longshore.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * The process's signals, through {@code sun.misc.Signal}: the JDK has no other way to tell SIGTERM from SIGINT. By
 * reflection, because javac refuses the class under {@code --release}.
 */
final class Signals {
    private Signals() {}

    /**
     * Runs {@code action} whenever the signal arrives, on a thread that the JVM makes for each. A signal that was ignored
     * when the process was started (nohup, or a shell's background job) stays ignored, as signal(7) wants it.
     *
     * @param name without SIG: {@code TERM}
     * @return whether the signal is ours now; the JVM keeps some, all of them under -Xrs
     */
    static boolean handle(String name, Runnable action) {
        try {
            Class<?> signalType = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object handler = Proxy.newProxyInstance(
                    handlerType.getClassLoader(), new Class<?>[] {handlerType}, (proxy, method, arguments) -> {
                        switch (method.getName()) {
                            case "handle" -> {
                                action.run();
                                return null;
                            }
                            case "equals" -> {
                                return proxy == arguments[0];
                            }
                            case "hashCode" -> {
                                return System.identityHashCode(proxy);
                            }
                            default -> {
                                return "handler of SIG" + name;
                            }
                        }
                    });
            Object signal = signalType.getConstructor(String.class).newInstance(name);
            signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, handler);
            return true;
        } catch (InvocationTargetException e) {
            // IllegalArgumentException: unknown here, or in use by the JVM.
            return false;
        } catch (ReflectiveOperationException e) {
            // A Java without the module jdk.unsupported.
            return false;
        }
    }
}
