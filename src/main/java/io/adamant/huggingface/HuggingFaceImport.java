package io.adamant.huggingface;

import com.google.auto.service.AutoService;
import io.adamant.config.ModelImport;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Tells the reader of configurations what a folder in the layout of Hugging Face holds. */
@AutoService(ModelImport.class)
public final class HuggingFaceImport implements ModelImport {

  /** For the service loader. */
  public HuggingFaceImport() {}

  @Override
  public Optional<Map<String, String>> settings(Path folder, OptionalInt context) {
    return HuggingFaceModel.isOne(folder)
        ? Optional.of(FolderSettings.ofRun(folder, context))
        : Optional.empty();
  }
}
