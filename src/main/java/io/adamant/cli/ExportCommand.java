package io.adamant.cli;

import io.adamant.base.UserPath;
import io.adamant.data.Tokenizer;
import io.adamant.huggingface.HuggingFaceExport;
import io.adamant.train.StoredModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code adamant export}. */
@Command(
    name = "export",
    description = {
      "Write a model as a folder in the layout of Hugging Face: config.json, safetensors, tokenizer.",
      "Its architecture follows from the model: Llama, Qwen2, Qwen3, GPT-2 or GPT-NeoX."
    },
    footer = {
      "",
      "Examples:",
      "  ./adamant export results/quickstart/runs/ID --to my-model",
      "  ./adamant export results/quickstart/runs/ID --to my-model --dtype bf16",
      "  ./adamant export results/quickstart/runs/ID --to my-model --readout ema"
    })
final class ExportCommand implements Callable<Integer> {
  private static final Pattern SIZE = Pattern.compile("(?i)([0-9]{1,9})\\s*([kmgt]?)b");
  private static final Map<String, Long> UNITS =
      Map.of("", 1L, "k", 1_000L, "m", 1_000_000L, "g", 1_000_000_000L, "t", 1_000_000_000_000L);

  @Spec private CommandSpec spec;

  @Mixin private StoredModelOptions model;

  @Option(
      names = "--to",
      paramLabel = "FOLDER",
      required = true,
      description = "Folder to write; it must not exist.")
  private String to;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      defaultValue = "fp32",
      converter = Dtype.class,
      description = "Type of the weights: fp32 as they are, bf16 rounded. Default: fp32.")
  private HuggingFaceExport.Format format;

  @Option(
      names = "--max-shard-size",
      paramLabel = "SIZE",
      defaultValue = "5GB",
      converter = Size.class,
      description = "Most bytes in a file of weights, such as 5GB or 200MB. Default: 5GB.")
  private long largest;

  /** A format of weights by its name. */
  static final class Dtype implements ITypeConverter<HuggingFaceExport.Format> {
    @Override
    public HuggingFaceExport.Format convert(String text) {
      return Arrays.stream(HuggingFaceExport.Format.values())
          .filter(value -> value.name().toLowerCase(Locale.ROOT).equals(text))
          .findFirst()
          .orElseThrow(() -> new TypeConversionException("expected: fp32 or bf16, found " + text));
    }
  }

  /** A number of bytes, with a decimal unit. */
  static final class Size implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      Matcher matcher = SIZE.matcher(text.strip());
      if (!matcher.matches() || Long.parseLong(matcher.group(1)) == 0) {
        throw new TypeConversionException("expected: a size such as 5GB or 200MB, found " + text);
      }
      return Long.parseLong(matcher.group(1))
          * UNITS.get(matcher.group(2).toLowerCase(Locale.ROOT));
    }
  }

  @Override
  public Integer call() {
    EngineFiles.requireFit(spec.commandLine().getErr());
    StoredModel stored = model.open();
    Path folder = UserPath.of(to);
    HuggingFaceExport export =
        new HuggingFaceExport(
            stored.config(), stored.vocabulary(), stored.weights()::read, stored.provenance());
    try (Tokenizer tokenizer = stored.tokenizer()) {
      String architecture = export.write(folder, Optional.of(tokenizer), format, largest);
      spec.commandLine()
          .getOut()
          .printf("export: %s as %s in %s%n", stored.description(), architecture, folder);
    }
    spec.commandLine().getOut().flush();
    return 0;
  }
}
