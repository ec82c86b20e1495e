package io.adamant.cli;

import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.UserPath;
import io.adamant.chart.Digits;
import io.adamant.config.Configs;
import io.adamant.data.DatasetSpec;
import io.adamant.data.TokenizerTraining;
import io.adamant.train.Training;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code adamant tokenizer}. */
@Command(
    name = "tokenizer",
    description = "Make a tokenizer of your own text.",
    subcommands = TokenizerCommand.Train.class,
    footer = {"", "Examples:", "  ./adamant tokenizer train books --vocab 8192"})
final class TokenizerCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "tokenizer: expected: train");
  }

  /** {@code adamant tokenizer train}. */
  @Command(
      name = "train",
      description = {
        "Train a byte-level BPE and write it as a Hugging Face tokenizer.json.",
        "Words are cut as GPT-2 cuts them; <|endoftext|> has id 0. The same text gives the same file."
      },
      footer = {
        "",
        "Examples:",
        "  ./adamant tokenizer train books --vocab 8192",
        "  ./adamant tokenizer train code.jsonl.zst --field content --vocab 16384 --to code.json",
        "  ./adamant tokenizer train run.yaml --vocab 8192       the data.corpus of a run"
      })
  static final class Train implements Callable<Integer> {

    @Spec private CommandSpec spec;
    @Mixin private SetOptions set;

    @Parameters(
        paramLabel = "CORPUS",
        arity = "1..*",
        description = "What data.corpus may be; or a run's configuration (.yaml), for its corpus.")
    private List<String> corpus;

    @Option(
        names = "--vocab",
        required = true,
        paramLabel = "N",
        description = "The size of the vocabulary, with the 256 bytes and end-of-text.")
    private int vocab;

    @Option(
        names = "--field",
        paramLabel = "NAME",
        description = "Where the text lies in JSON Lines and Parquet (default: text).")
    private String field;

    @Option(
        names = "--to",
        paramLabel = "FILE",
        defaultValue = "tokenizer.json",
        description = "The file to write (default: ${DEFAULT-VALUE}).")
    private Path to;

    @Override
    public Integer call() {
      if (Files.exists(to, LinkOption.NOFOLLOW_LINKS)) {
        throw new InputException(
            "--to: %s is there already; delete it or name another file".formatted(to));
      }
      long start = System.nanoTime();
      TokenizerTraining trained = train();
      DurableFiles.write(to, trained.json());
      report(trained, (System.nanoTime() - start) * 1e-9);
      return 0;
    }

    private TokenizerTraining train() {
      String first = corpus.get(0);
      boolean configured = corpus.size() == 1 && first.matches(".*\\.ya?ml");
      if (!configured && !set.overrides().isEmpty()) {
        throw new InputException(
            "--set is for a run's configuration, and %s is none".formatted(first));
      }
      if (configured && field != null) {
        throw new InputException("--field: %s says where its text lies".formatted(first));
      }
      DatasetSpec data =
          configured
              ? Training.dataset(Configs.readRun(UserPath.of(first), set.overrides()))
              : DatasetSpec.of(named(), "", 0);
      return TokenizerTraining.train(
          configured ? "data.corpus" : "CORPUS",
          data.corpus(),
          data.replaceInvalid(),
          vocab,
          spec.commandLine().getErr()::println);
    }

    /** The corpus as {@code data.corpus} has it. */
    private String named() {
      if (corpus.size() == 1 && field == null) {
        return corpus.get(0);
      }
      return Json.line(
          corpus.stream()
              .map(path -> field == null ? path : Map.of("path", path, "field", field))
              .toList());
    }

    private void report(TokenizerTraining trained, double seconds) {
      line("text", "%,d bytes, %,d documents", trained.bytes(), trained.documents());
      line("words", "%,d, of which %,d different", trained.words(), trained.distinctWords());
      if (trained.forgottenWords() > 0) {
        line("", "%,d rare ones left out for want of memory", trained.forgottenWords());
      }
      line(
          "vocabulary",
          "%,d: %s merges, 256 bytes and <|endoftext|>%s",
          trained.vocab(),
          Digits.format("%,d", trained.vocab() - TokenizerTraining.SMALLEST_VOCAB),
          trained.vocab() < vocab
              ? Digits.format(", not %,d: no other pair occurs twice", vocab)
              : "");
      line("a token", "%.3f bytes on average", trained.bytesPerToken());
      line(
          "file",
          "%s, %,d bytes, after %.1f s",
          to,
          trained.json().getBytes(StandardCharsets.UTF_8).length,
          seconds);
      line("to train with", "data.tokenizer: %s", to);
      spec.commandLine().getOut().flush();
    }

    private void line(String name, String format, Object... values) {
      spec.commandLine()
          .getOut()
          .println(Digits.format("%-14s", name) + Digits.format(format, values));
    }
  }
}
