package io.adamant.cli;

import io.adamant.chart.Digits;
import io.adamant.chart.Sentences;
import io.adamant.chart.Table;
import io.adamant.config.PlannedRun;
import io.adamant.config.RunConfig;
import io.adamant.data.Batches;
import io.adamant.data.DataFile;
import io.adamant.data.DataStatistics;
import io.adamant.data.DocumentLengths;
import io.adamant.data.Overlap;
import io.adamant.data.TokenDataset;
import io.adamant.data.TokenView;
import io.adamant.train.Training;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A data set as text for a person and as JSON for a program, as the first of some runs reads it.
 */
final class DataListing {

  private static final int FILES = 5;
  private static final int LINES = 4;
  private static final int LONGEST_BAR = 24;
  private static final int LABEL = 15;

  /** A window of the first batch. */
  private record Window(int sequence, Batches.Place place, String text) {}

  /** A line of the table of counts. */
  private record Counts(String name, String training, String validation, String all) {}

  private final List<PlannedRun> runs;
  private final RunConfig run;
  private final TokenDataset data;
  private final DataStatistics counts;
  private final Batches batches;
  private final List<Window> windows;
  private final StringBuilder text = new StringBuilder();
  private int width;

  /**
   * Looks at a data set.
   *
   * @param runs that read it
   * @param data open
   * @param windows of the first batch to show, as far as it has so many
   * @throws io.adamant.base.InputException if a batch or a window is larger than the data
   */
  DataListing(List<PlannedRun> runs, TokenDataset data, int windows) {
    this.runs = runs;
    this.run = runs.get(0).config();
    this.data = data;
    this.counts = data.statistics();
    this.batches = Training.checkData(run, data);
    this.windows = windows((int) Math.min(windows, run.training().sequences(1)));
  }

  private List<Window> windows(int count) {
    int context = run.model().context();
    long[] inputs = new long[count * context];
    batches.fill(0, 0, count, inputs, new long[count * context]);
    return IntStream.range(0, count)
        .mapToObj(
            i -> {
              int[] tokens =
                  Arrays.stream(inputs, i * context, (i + 1) * context)
                      .mapToInt(Math::toIntExact)
                      .toArray();
              return new Window(i, batches.place(0, i), data.tokenizer().decode(tokens));
            })
        .toList();
  }

  /** For a person, in lines of a width as far as names allow. */
  String text(int columns) {
    width = columns;
    if (runs.size() > 1) {
      String others = runs.size() == 2 ? "1 other" : Digits.count(runs.size() - 1) + " others";
      line("runs", runs.get(0).label() + " and " + others);
    }
    line("corpus", data.description());
    files();
    String end =
        data.tokenizer().endOfText() < 0
            ? "end of text is unknown"
            : "end of text is " + data.tokenizer().endOfText();
    line("tokenizer", data.tokenizer().identity());
    line("vocabulary", Digits.format("%,d ids, %s", data.tokenizer().vocabularySize(), end));
    line("data hash", data.dataSha256());
    text.append('\n').append(counts().terminal(width)).append('\n');
    if (data.train().parts().size() > 1) {
      text.append(sources().terminal(width)).append('\n');
    }
    long steps = run.training().steps();
    long sequences = run.training().sequences(steps);
    line(
        "run",
        Digits.format(
            "%,d steps of %s%,d windows of %,d tokens are %,d tokens",
            steps,
            run.training().batchWarmup() > 0 ? "up to " : "",
            run.training().batch(),
            run.model().context(),
            run.tokens(steps)));
    line(
        "epochs",
        Digits.format(
            "%.3g%s",
            batches.epochs(sequences), data.train().parts().size() > 1 ? " at most" : ""));
    double unigram = counts.unigramCrossEntropy();
    double bits = counts.bitsPerByte(unigram);
    line(
        "unigram loss",
        Digits.format("%.4f nats per token", unigram)
            + (Double.isNaN(bits) ? "" : Digits.format(", %.4f bits per byte", bits)));
    data.overlap().ifPresent(this::duplicates);
    batches.epochsWarning(steps, sequences).ifPresent(warning -> line("warning", warning));
    data.documentLengths().ifPresent(this::lengths);
    if (!windows.isEmpty()) {
      text.append("\nfirst windows of step 1, as the run reads them:\n");
      windows.forEach(this::window);
    }
    return text.toString();
  }

  private void line(String name, String value) {
    List<String> lines = Sentences.wrapped(value, Math.max(1, width - LABEL));
    for (int i = 0; i < lines.size(); i++) {
      String label = " ".repeat(LABEL);
      text.append(i == 0 ? (name + label).substring(0, LABEL) : label)
          .append(lines.get(i).strip())
          .append('\n');
    }
  }

  private void files() {
    List<DataFile> files = data.files();
    if (files.isEmpty()) {
      line("files", "none of your own");
      return;
    }
    long bytes = files.stream().mapToLong(DataFile::bytes).sum();
    line("files", Digits.plural(files.size(), "file") + ", " + PrepareCommand.size(bytes));
    for (DataFile file : files.subList(0, Math.min(FILES, files.size()))) {
      String hash = file.sha256().isEmpty() ? "" : ", SHA-256 " + file.sha256().substring(0, 16);
      line(
          "", Path.of(file.path()).getFileName() + ", " + PrepareCommand.size(file.bytes()) + hash);
    }
    if (files.size() > FILES) {
      line("", "and " + Digits.count(files.size() - FILES) + " more");
    }
  }

  private Table counts() {
    List<Counts> lines = new ArrayList<>();
    if (data.tokenizer().endOfText() >= 0) {
      lines.add(whole("documents", counts.trainDocuments(), counts.validationDocuments()));
    }
    lines.add(whole("tokens", counts.trainTokens(), counts.validationTokens()));
    if (counts.trainBytes() > 0 && counts.validationBytes() > 0) {
      lines.add(whole("bytes", counts.trainBytes(), counts.validationBytes()));
      long all = counts.trainBytes() + counts.validationBytes();
      lines.add(
          new Counts(
              "bytes per token",
              ratio(counts.trainBytes(), counts.trainTokens()),
              ratio(counts.validationBytes(), counts.validationTokens()),
              ratio(all, tokens())));
    }
    lines.add(
        new Counts(
            "share of tokens",
            share(counts.trainTokens(), tokens()),
            share(counts.validationTokens(), tokens()),
            ""));
    return new Table.Columns<Counts>()
        .text("", Counts::name)
        .text("training", Counts::training)
        .text("validation", Counts::validation)
        .text("together", Counts::all)
        .of("", lines);
  }

  private long tokens() {
    return counts.trainTokens() + counts.validationTokens();
  }

  private static Counts whole(String name, long training, long validation) {
    return new Counts(
        name,
        Digits.count(training),
        Digits.count(validation),
        Digits.count(training + validation));
  }

  private static String share(long part, long whole) {
    return Digits.percentage((double) part, (double) whole);
  }

  private static String ratio(long part, long whole) {
    return Digits.fixed((double) part / whole, 3);
  }

  private Table sources() {
    List<TokenView.Part> parts = data.train().parts();
    List<Double> epochs = batches.epochsOfSources(run.training().sequences(run.training().steps()));
    double sum = parts.stream().mapToInt(TokenView.Part::weight).sum();
    return new Table.Columns<Integer>()
        .text("source", k -> parts.get(k).name())
        .whole("weight", k -> parts.get(k).weight())
        .text("windows", k -> Digits.percentage(parts.get(k).weight(), sum))
        .text("training tokens", k -> Digits.count(parts.get(k).tokens().size()))
        .text("epochs", k -> Digits.significant(epochs.get(k), 3))
        .of("", IntStream.range(0, parts.size()).boxed().toList());
  }

  private void duplicates(Overlap overlap) {
    String left =
        overlap.cut() == 0
            ? ""
            : "; "
                + Digits.plural(overlap.cut(), "document")
                + " that the split cuts "
                + (overlap.cut() == 1 ? "is" : "are")
                + " not counted";
    line(
        "duplicates",
        overlap
                .warning()
                .orElse(
                    "none of %s also stands in the training part"
                        .formatted(Digits.plural(overlap.documents(), "validation document")))
            + left);
  }

  private void lengths(DocumentLengths lengths) {
    long most = lengths.bins().stream().mapToLong(DocumentLengths.Bin::documents).max().orElse(0);
    long documents = lengths.bins().stream().mapToLong(DocumentLengths.Bin::documents).sum();
    long tokens = lengths.bins().stream().mapToLong(DocumentLengths.Bin::tokens).sum();
    if (documents == 0) {
      return;
    }
    text.append('\n')
        .append(
            new Table.Columns<DocumentLengths.Bin>()
                .text("tokens", bin -> Digits.format("%,d to %,d", bin.from(), bin.to()))
                .text("documents", bin -> Digits.count(bin.documents()))
                .text("", bin -> share(bin.documents(), documents))
                .text("of the tokens", bin -> share(bin.tokens(), tokens))
                .text("", bin -> bar(bin.documents(), most))
                .of(
                    Digits.format(
                        "lengths of %s, from %,d to %,d tokens",
                        Digits.plural(documents, "whole document"),
                        lengths.shortest(),
                        lengths.longest()),
                    lengths.bins())
                .terminal(width));
  }

  /** Where there are documents there is a bar. */
  private static String bar(long documents, long most) {
    long length = Math.round((double) LONGEST_BAR * documents / most);
    return "#".repeat(documents == 0 ? 0 : (int) Math.max(1, length));
  }

  private void window(Window window) {
    Batches.Place place = window.place();
    String of = place.source().isEmpty() ? "" : " of " + place.source();
    String in = place.file() == 0 ? "" : " of file " + place.file();
    text.append(
        Digits.format(
            "%s from token %,d%s%s on\n",
            Digits.format("[%d]", window.sequence() + 1), place.token(), in, of));
    String shown = visible(window.text());
    List<String> lines = Sentences.wrapped(shown, Math.max(1, width - 4));
    for (String each : lines.subList(0, Math.min(LINES, lines.size()))) {
      text.append("    ").append(each.strip()).append('\n');
    }
    if (lines.size() > LINES) {
      text.append("    ...\n");
    }
  }

  /** Line ends and other characters that a terminal obeys, as escapes. */
  private static String visible(String text) {
    StringBuilder visible = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              int type = Character.getType(c);
              if (c == '\n') {
                visible.append("\\n");
              } else if (type == Character.CONTROL
                  || type == Character.FORMAT
                  || type == Character.LINE_SEPARATOR
                  || type == Character.PARAGRAPH_SEPARATOR) {
                visible.append(Digits.format("\\u%04x", c));
              } else {
                visible.appendCodePoint(c);
              }
            });
    return visible.toString();
  }

  /** For a program, with all files and whole windows; what is unknown is left out. */
  Map<String, Object> json() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("runs", runs.stream().map(PlannedRun::label).toList());
    map.put("description", data.description());
    map.put("files", data.files());
    map.put("data_sha256", data.dataSha256());
    Map<String, Object> tokenizer = new LinkedHashMap<>();
    tokenizer.put("identity", data.tokenizer().identity());
    tokenizer.put("vocab", data.tokenizer().vocabularySize());
    if (data.tokenizer().endOfText() >= 0) {
      tokenizer.put("end_of_text", data.tokenizer().endOfText());
    }
    map.put("tokenizer", tokenizer);
    map.put("training", part(counts.trainDocuments(), counts.trainTokens(), counts.trainBytes()));
    map.put(
        "validation",
        part(counts.validationDocuments(), counts.validationTokens(), counts.validationBytes()));
    if (!counts.validationText().isEmpty()) {
      map.put("validation_text_sha256", counts.validationText());
    }
    double unigram = counts.unigramCrossEntropy();
    map.put("unigram_cross_entropy", unigram);
    if (!Double.isNaN(counts.bitsPerByte(unigram))) {
      map.put("unigram_bits_per_byte", counts.bitsPerByte(unigram));
    }
    long steps = run.training().steps();
    map.put("steps", steps);
    map.put("tokens_per_step", run.tokensPerStep());
    map.put("epochs", batches.epochs(run.training().sequences(steps)));
    map.put("sources", sourceMaps(run.training().sequences(steps)));
    data.overlap().ifPresent(found -> map.put("validation_in_training", map(found)));
    data.documentLengths().ifPresent(lengths -> map.put("document_lengths", lengths.bins()));
    map.put("windows", windows.stream().map(DataListing::map).toList());
    return map;
  }

  private List<Map<String, Object>> sourceMaps(long sequences) {
    List<TokenView.Part> parts = data.train().parts();
    List<Double> epochs = batches.epochsOfSources(sequences);
    List<Map<String, Object>> maps = new ArrayList<>();
    for (int k = 0; parts.size() > 1 && k < parts.size(); k++) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("name", parts.get(k).name());
      map.put("weight", parts.get(k).weight());
      map.put("training_tokens", parts.get(k).tokens().size());
      map.put("epochs", epochs.get(k));
      maps.add(map);
    }
    return maps;
  }

  private Map<String, Object> part(long documents, long tokens, long bytes) {
    Map<String, Object> map = new LinkedHashMap<>();
    if (data.tokenizer().endOfText() >= 0) {
      map.put("documents", documents);
    }
    map.put("tokens", tokens);
    if (bytes > 0) {
      map.put("bytes", bytes);
    }
    return map;
  }

  private static Map<String, Object> map(Overlap overlap) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("documents", overlap.documents());
    map.put("repeated_documents", overlap.repeated());
    map.put("repeated_tokens", overlap.repeatedTokens());
    map.put("cut_documents", overlap.cut());
    return map;
  }

  private static Map<String, Object> map(Window window) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("sequence", window.sequence());
    if (!window.place().source().isEmpty()) {
      map.put("source", window.place().source());
    }
    if (window.place().file() > 0) {
      map.put("file", window.place().file());
    }
    map.put("token", window.place().token());
    map.put("text", window.text());
    return map;
  }
}
