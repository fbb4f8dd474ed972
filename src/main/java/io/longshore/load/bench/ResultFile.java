package io.longshore.load.bench;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** {@code result.json}: a {@link Result}, as it is, for the report and for whoever wants to reckon anew. */
final class ResultFile {
    /** The file's name in its folder. */
    static final String NAME = "result.json";

    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private ResultFile() {}

    /** Writes the file into {@code folder}, whole or not at all: an interrupted run keeps the one before. */
    static void write(Result result, Path folder) throws IOException {
        Path fresh = folder.resolve(NAME + ".new");
        Files.writeString(fresh, GSON.toJson(result) + "\n");
        Files.move(fresh, folder.resolve(NAME), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Reads the file at {@code path}. */
    static Result read(Path path) throws IOException {
        try {
            Result result = GSON.fromJson(Files.readString(path), Result.class);
            if (result == null || result.scenarios() == null) {
                throw new IOException(path + " holds no result");
            }
            return result;
        } catch (JsonParseException e) {
            throw new IOException(path + " is no result: " + e.getMessage(), e);
        }
    }
}
