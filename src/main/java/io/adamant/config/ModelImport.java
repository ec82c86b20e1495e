package io.adamant.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A layout of folders that hold models of other programs, found by {@link java.util.ServiceLoader}:
 * what a run that starts from such a folder has to be.
 */
public interface ModelImport {

  /** The key of the tokenizer's file. */
  String TOKENIZER = "data.tokenizer";

  /**
   * What a folder says about a run.
   *
   * @param folder that {@code training.init_from} names
   * @param context tokens in a sequence, if the run names them
   * @return texts as YAML has them by dotted key, of the model section and, if the folder has one,
   *     {@link #TOKENIZER}; empty if the folder is not of this layout
   * @throws io.adamant.base.InputException if it is, and holds a model that cannot be read or is
   *     not for this context
   */
  Optional<Map<String, String>> settings(Path folder, OptionalInt context);
}
