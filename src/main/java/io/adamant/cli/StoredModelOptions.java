package io.adamant.cli;

import io.adamant.config.Readout;
import io.adamant.train.StoredModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** A model on disk, and which of its weights; used as a mixin. */
final class StoredModelOptions {

  @Parameters(
      paramLabel = "MODEL",
      description =
          "A checkpoint (…/checkpoint/step-NNNNNNNN), a run (results/NAME/runs/ID, or results/NAME"
              + " with one run), or a folder in the layout of Hugging Face.")
  private Path path;

  @Option(
      names = "--best",
      description =
          "Of a run, take the checkpoint with the lowest validation loss (default: the last one).")
  private boolean best;

  @Option(
      names = "--readout",
      paramLabel = "WEIGHTS",
      defaultValue = "trained",
      converter = Word.class,
      description =
          "trained, or what training.readout kept: ema, tail, schedule_free (default:"
              + " ${DEFAULT-VALUE}).")
  private Readout readout;

  /** A readout by its word. */
  static final class Word implements ITypeConverter<Readout> {
    @Override
    public Readout convert(String text) {
      return Arrays.stream(Readout.values())
          .filter(value -> value.word().equals(text))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "expected: %s, found %s"
                          .formatted(
                              Arrays.stream(Readout.values())
                                  .map(Readout::word)
                                  .collect(Collectors.joining(", ")),
                              text)));
    }
  }

  /** What is asked for; its weights are not read yet. */
  StoredModel open() {
    return StoredModel.open(
        path, best ? StoredModel.Choice.BEST : StoredModel.Choice.LAST, readout);
  }
}
