package io.adamant.results;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.Sha256;
import io.adamant.base.StorageException;
import io.adamant.base.UserPath;
import io.adamant.config.BuildInfo;
import io.adamant.config.DataConfig;
import io.adamant.config.RunConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A study to pass on: a folder with its record, its report and, of each run that has a result, all
 * but weights: configuration, manifest, summary, metrics, the text files of its optimizers and the
 * file of its tokenizer. Corpora and weights that runs began with are named by hash. {@code
 * bundle.json} lists every file with its SHA-256.
 */
public final class StudyBundle {

  private static final String FILE = "bundle.json";
  private static final String README = "README.md";
  private static final String FORMAT = "format";
  private static final int VERSION = 1;
  private static final String FILES = "files";
  private static final String TOKENIZERS = "tokenizers";
  private static final String RUNS = "runs";

  private static final List<String> OF_RUN =
      List.of(
          RunDirectory.RUN,
          RunDirectory.MANIFEST,
          RunDirectory.METRICS,
          RunDirectory.SAMPLES,
          RunDirectory.SUMMARY,
          ArmNames.FILE);

  private final Path root;
  private final JsonNode index;

  private StudyBundle(Path root, JsonNode index) {
    this.root = root;
    this.index = index;
  }

  /**
   * Packs a study. The folder appears whole or not at all.
   *
   * @param study its folder
   * @param target folder to make
   * @param report writes the study's report into a folder
   * @return how many runs are in it
   * @throws InputException if the study has no run with a result, a tokenizer's file is gone, or
   *     something lies at the target
   */
  public static int pack(Path study, Path target, Consumer<Path> report) {
    if (Files.exists(target)) {
      throw new InputException(target + " is there already; expected: a folder to be made");
    }
    if (!StudyRecord.isStudy(study)) {
      throw new InputException(study + " holds no study; expected: a folder with study.yaml");
    }
    List<Path> runs =
        RunFolders.begun(study).stream()
            .filter(run -> RunDirectory.summary(run).filter(RunSummary::isFinal).isPresent())
            .toList();
    if (runs.isEmpty()) {
      throw new InputException(study + " has no finished run; expected: one to pass on");
    }
    Path folder = DurableFiles.temporary(target.toAbsolutePath());
    try {
      Files.createDirectories(folder);
      fill(study, runs, folder);
      report.accept(folder);
      DurableFiles.write(folder.resolve(README), readme(target, runs));
      Map<String, Object> index = index(study, runs);
      index.put(TOKENIZERS, tokenizers(runs, folder));
      index.put(FILES, hashes(folder));
      DurableFiles.write(folder.resolve(FILE), Json.pretty(index));
      DurableFiles.rename(folder, target.toAbsolutePath());
    } catch (IOException e) {
      throw new StorageException("write", target, e);
    } finally {
      discard(folder);
    }
    return runs.size();
  }

  private static void discard(Path folder) {
    try {
      if (Files.exists(folder)) {
        DurableFiles.deleteFolder(folder);
      }
    } catch (IOException e) {
      throw new StorageException("delete", folder, e);
    }
  }

  private static void fill(Path study, List<Path> runs, Path folder) throws IOException {
    for (Path record : StudyRecord.files(study)) {
      Files.copy(record, folder.resolve(record.getFileName()));
    }
    for (Path run : runs) {
      Path copy = Files.createDirectories(folder.resolve(RUNS).resolve(RunFolders.id(run)));
      try (Stream<Path> files = Files.list(run)) {
        for (Path file : files.sorted().toList()) {
          String name = file.getFileName().toString();
          if (OF_RUN.contains(name) || name.endsWith(".py")) {
            Files.copy(file, copy.resolve(name));
          }
        }
      }
    }
  }

  private static Map<String, Object> index(Path study, List<Path> runs) {
    BuildInfo build = BuildInfo.current();
    Map<String, Object> index = new LinkedHashMap<>();
    index.put(FORMAT, VERSION);
    index.put("study", study.toAbsolutePath().normalize().getFileName().toString());
    index.put(Manifest.Key.VERSION.path(), build.version());
    index.put(Manifest.Key.COMMIT.path(), build.commit());
    Map<String, Object> corpora = new LinkedHashMap<>();
    Map<String, Object> weights = new LinkedHashMap<>();
    for (Path run : runs) {
      Manifest manifest = RunDirectory.manifest(run);
      RunConfig config = RunDirectory.config(run);
      Map<String, Object> corpus = new LinkedHashMap<>();
      corpus.put("corpus", config.data().corpus());
      corpus.put("description", manifest.text(Manifest.Key.DATA_DESCRIPTION));
      corpora.putIfAbsent(manifest.text(Manifest.Key.DATA_SHA256), corpus);
      if (!config.training().initFrom().isEmpty()) {
        weights.put(manifest.text(Manifest.Key.INIT_SHA256), config.training().initFrom());
      }
      if (!config.training().branchFrom().isEmpty()) {
        weights.put(manifest.text(Manifest.Key.BRANCH_SHA256), config.training().branchFrom());
      }
    }
    index.put("corpora", corpora);
    if (!weights.isEmpty()) {
      index.put("weights", weights);
    }
    return index;
  }

  /** Copies the files of tokenizers; from the paths in configurations to names in the bundle. */
  private static Map<String, String> tokenizers(List<Path> runs, Path folder) throws IOException {
    Map<String, String> names = new TreeMap<>();
    for (Path run : runs) {
      String tokenizer = RunDirectory.config(run).data().tokenizer();
      if (DataConfig.isTokenizerFile(tokenizer) && !names.containsKey(tokenizer)) {
        Path file = UserPath.of(tokenizer);
        if (!Files.isRegularFile(file)) {
          throw new InputException(
              "the tokenizer of run %s is gone: %s; expected: the file that it was trained with"
                  .formatted(RunFolders.id(run), tokenizer));
        }
        String name = "tokenizer/" + sha256(file).substring(0, 12) + ".json";
        Files.createDirectories(folder.resolve("tokenizer"));
        if (!Files.exists(folder.resolve(name))) {
          Files.copy(file, folder.resolve(name));
        }
        names.put(tokenizer, name);
      }
    }
    return names;
  }

  private static String readme(Path target, List<Path> runs) {
    return """
    # A study, to read and to repeat

    `report.html` is the report, `runs.csv` the table of its runs, `study.yaml` what they were asked to be, and
    `runs/ID/` each of them without its weights: `run.yaml`, `manifest.json` (versions, machine, data),
    `metrics.jsonl`, `summary.json`. `bundle.json` names the corpora by hash and lists the SHA-256 of every file.

        ./adamant study --rerun %1$s --run %2$s

    trains a run again and compares its weights. Where the corpus is not a built-in one, say where it lies
    with `--set data.corpus=PATH`. An optimizer of one's own (`*.py`) is code: read it before running it.
    """
        .formatted(target.getFileName(), RunFolders.id(runs.get(0)));
  }

  private static Map<String, String> hashes(Path folder) throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    for (Path file : files(folder)) {
      hashes.put(name(folder, file), sha256(file));
    }
    return hashes;
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      return tree.filter(Files::isRegularFile).toList();
    }
  }

  private static String name(Path folder, Path file) {
    return folder.relativize(file).toString().replace('\\', '/');
  }

  private static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new Sha256().add(in).hex();
    }
  }

  /**
   * Whether a folder is a bundle.
   *
   * @param folder any
   * @return true if it lists its files
   */
  public static boolean isBundle(Path folder) {
    return Files.isRegularFile(folder.resolve(FILE));
  }

  /**
   * Opens a bundle that is as it was packed.
   *
   * @param folder of the bundle
   * @return the bundle
   * @throws InputException if it is none, a file of it is missing or was changed, or one was added
   *     to its runs
   */
  public static StudyBundle open(Path folder) {
    if (!isBundle(folder)) {
      throw new InputException(
          "%s is no bundle; expected: a folder with %s, as `report --bundle` makes it"
              .formatted(folder, FILE));
    }
    JsonNode index = Json.object(folder.resolve(FILE));
    if (index.path(FORMAT).asInt() != VERSION) {
      throw new InputException(
          "%s has format %s; expected: %s"
              .formatted(folder.resolve(FILE), index.path(FORMAT).asText("none"), VERSION));
    }
    try {
      Map<String, String> there = hashes(folder);
      there.remove(FILE);
      Map<String, String> packed = new TreeMap<>();
      index
          .path(FILES)
          .fields()
          .forEachRemaining(e -> packed.put(e.getKey(), e.getValue().asText()));
      packed.forEach(
          (name, sha256) -> {
            String now = there.remove(name);
            if (!sha256.equals(now)) {
              throw new InputException(
                  "%s was %s after the bundle was packed; expected: SHA-256 %s"
                      .formatted(
                          folder.resolve(name), now == null ? "removed" : "changed", sha256));
            }
          });
      there.keySet().stream()
          .filter(name -> name.startsWith(RUNS + "/"))
          .findFirst()
          .ifPresent(
              name -> {
                throw new InputException(
                    folder.resolve(name) + " was added after the bundle was packed");
              });
    } catch (IOException e) {
      throw new StorageException("read", folder, e);
    }
    return new StudyBundle(folder, index);
  }

  /**
   * The folder of a run in it.
   *
   * @param id its identity, or the beginning of it
   * @return its folder
   * @throws InputException if it has no such run, or several
   */
  public Path run(String id) {
    List<Path> runs = new ArrayList<>(RunFolders.of(root));
    List<Path> found = runs.stream().filter(run -> RunFolders.id(run).startsWith(id)).toList();
    if (id.isEmpty() || found.size() != 1) {
      throw new InputException(
          "--run %s is %s of the %s runs in %s; expected: an id of its runs.csv, such as %s"
              .formatted(
                  id,
                  found.isEmpty() ? "none" : "the beginning of " + found.size(),
                  runs.size(),
                  root,
                  RunFolders.id(runs.get(0))));
    }
    return found.get(0);
  }

  /**
   * The file of a tokenizer.
   *
   * @param tokenizer as a run's configuration names it
   * @return the file in the bundle, or the name itself where it is no file
   */
  public String tokenizer(String tokenizer) {
    String name = index.path(TOKENIZERS).path(tokenizer).asText();
    return name.isEmpty() ? tokenizer : root.resolve(name).toAbsolutePath().toString();
  }
}
