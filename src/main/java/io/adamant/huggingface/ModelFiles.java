package io.adamant.huggingface;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.StorageException;
import io.adamant.tensor.SafeTensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The safetensors files of a folder: {@code model.safetensors}, or those that {@code
 * model.safetensors.index.json} names. Headers are checked; values are read when they are wanted.
 *
 * @param files in alphabetical order
 * @param where the file of each tensor
 * @param shapes of the tensors
 */
record ModelFiles(List<Path> files, Map<String, Path> where, Map<String, Shape> shapes) {

  static final String SINGLE = "model.safetensors";
  static final String INDEX = SINGLE + ".index.json";

  /** Kept in files, computed from the configuration: masks and frequencies. */
  private static final Pattern BUFFER =
      Pattern.compile(
          "(.*\\.)?(attn|attention)\\.(bias|masked_bias)|(.*\\.)?rotary_emb\\.inv_freq");

  /**
   * Opens the files of a folder.
   *
   * @throws InputException if one is absent or not in the format, or they are not what the index
   *     says
   */
  static ModelFiles open(Path folder) {
    Path single = folder.resolve(SINGLE);
    Path index = folder.resolve(INDEX);
    if (Files.isRegularFile(single)) {
      return of(List.of(single), Map.of(), index);
    } else if (!Files.isRegularFile(index)) {
      throw new InputException(
          "%s has neither %s nor %s%s".formatted(folder, SINGLE, INDEX, others(folder)));
    }
    Map<String, Path> named = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : Json.object(index).path("weight_map").properties()) {
      String name = entry.getValue().asText();
      if (name.isEmpty() || !Path.of(name).equals(Path.of(name).getFileName())) {
        throw new InputException(
            "%s: %s is in '%s'; expected: the name of a file beside it"
                .formatted(index, entry.getKey(), name));
      }
      Path file = folder.resolve(name);
      if (!Files.isRegularFile(file)) {
        throw new InputException(
            "%s is absent; %s has %s in it".formatted(file, INDEX, entry.getKey()));
      }
      named.put(entry.getKey(), file);
    }
    if (named.isEmpty()) {
      throw new InputException(index + " has no weight_map");
    }
    return of(named.values().stream().distinct().sorted().toList(), named, index);
  }

  private static String others(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(path -> path.getFileName().toString())
          .filter(name -> name.matches(".*\\.(bin|pt|pth|ckpt|h5|msgpack|gguf)"))
          .findFirst()
          .map(name -> "; " + name + " is not read: convert it to safetensors")
          .orElse("");
    } catch (IOException e) {
      return "";
    }
  }

  private static ModelFiles of(List<Path> files, Map<String, Path> named, Path index) {
    Map<String, Path> where = new LinkedHashMap<>();
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (Path path : files) {
      try (SafeTensorsFile file = SafeTensorsFile.open(path)) {
        file.shapes()
            .forEach(
                (name, shape) -> {
                  if (BUFFER.matcher(name).matches()) {
                    return;
                  }
                  Path other = where.put(name, path);
                  if (other != null) {
                    throw new InputException(
                        "%s: tensor %s is in %s too".formatted(path, name, other.getFileName()));
                  } else if (!named.isEmpty() && !path.equals(named.get(name))) {
                    throw new InputException(
                        "%s: tensor %s is there, and not for %s"
                            .formatted(path, name, index.getFileName()));
                  }
                  shapes.put(name, shape);
                });
      } catch (IOException e) {
        throw new InputException(
            "%s cannot be read: %s".formatted(path, StorageException.reason(e)), e);
      }
    }
    named.forEach(
        (name, path) -> {
          if (!where.containsKey(name) && !BUFFER.matcher(name).matches()) {
            throw new InputException("%s has no tensor %s".formatted(path, name));
          }
        });
    return new ModelFiles(
        List.copyOf(files),
        Collections.unmodifiableMap(where),
        Collections.unmodifiableMap(shapes));
  }

  /** The file in which a tensor is looked for in vain. */
  Path expected() {
    return files.size() == 1 ? files.get(0) : files.get(0).resolveSibling(INDEX);
  }

  /** All files opened, to read many tensors. */
  Reader reader() throws IOException {
    Map<Path, SafeTensorsFile> open = new LinkedHashMap<>();
    Reader reader = new Reader(where, open);
    try {
      for (Path file : files) {
        open.put(file, SafeTensorsFile.open(file));
      }
      return reader;
    } catch (IOException | RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  /** The files, open. */
  record Reader(Map<String, Path> where, Map<Path, SafeTensorsFile> open) implements AutoCloseable {

    SafeTensorsFile of(String tensor) {
      return open.get(where.get(tensor));
    }

    @Override
    public void close() throws IOException {
      for (SafeTensorsFile file : new ArrayList<>(open.values())) {
        file.close();
      }
    }
  }
}
