package io.adamant.cli;

import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.config.Configs;
import io.adamant.config.PlannedRun;
import io.adamant.data.CacheDirectory;
import io.adamant.data.DatasetSpec;
import io.adamant.data.TokenDataset;
import io.adamant.train.Training;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code adamant data}. */
@Command(
    name = "data",
    description = {
      "Show what a run would read.",
      "Files, tokenizer, documents, tokens and bytes of the training and validation parts, lengths of",
      "documents, duplicates, and the beginning of the first training windows as text. Tokenizes the",
      "text first if that was not done before, and trains nothing."
    },
    footer = {
      "",
      "Of a study, each data set that its runs read is shown once.",
      "",
      "Examples:",
      "  ./adamant data run.yaml",
      "  ./adamant data run.yaml --windows 10 --set data.tokenizer=bytes",
      "  ./adamant data configs/train.yaml --json"
    })
final class DataCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private SetOptions set;

  @Parameters(paramLabel = "CONFIG.yaml", description = "The configuration of a run or a study.")
  private Path file;

  @Option(
      names = "--windows",
      paramLabel = "N",
      defaultValue = "3",
      description = "Training windows to show as text (default: ${DEFAULT-VALUE}).")
  private int windows;

  @Option(
      names = "--json",
      description = "Print JSON instead of text: a list of data sets, windows in full.")
  private boolean json;

  @Override
  public Integer call() {
    if (windows < 0) {
      throw InputException.badValue("--windows", windows, "a whole number, at least 0");
    }
    Map<DatasetSpec, List<PlannedRun>> datasets = new LinkedHashMap<>();
    for (PlannedRun run : Configs.readRuns(file, set.overrides())) {
      datasets.computeIfAbsent(Training.dataset(run.config()), spec -> new ArrayList<>()).add(run);
    }
    datasets.keySet().forEach(TokenDataset::requireFiles);
    PrintWriter err = spec.commandLine().getErr();
    PrintWriter out = spec.commandLine().getOut();
    List<Map<String, Object>> maps = new ArrayList<>();
    boolean first = true;
    for (Map.Entry<DatasetSpec, List<PlannedRun>> entry : datasets.entrySet()) {
      try (TokenDataset data =
          TokenDataset.open(entry.getKey(), CacheDirectory.ofUser(), err::println)) {
        DataListing listing = new DataListing(entry.getValue(), data, windows);
        if (json) {
          maps.add(listing.json());
        } else {
          out.print((first ? "" : "\n\n") + listing.text(ProgressDisplay.columns()));
          out.flush();
        }
        first = false;
      }
    }
    if (json) {
      out.print(Json.pretty(maps));
      out.flush();
    }
    return 0;
  }
}
