package io.adamant.data;

import io.adamant.base.DurableFiles;
import io.adamant.base.Json;
import io.adamant.base.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Validation documents that also stand in the training part: the same sequence of tokens from its
 * first to its end-of-text, found by its hash. Documents that differ by a token are different.
 *
 * @param documents whole documents of the validation part that were looked for
 * @param repeated how many of them also stand in the training part
 * @param repeatedTokens tokens of those, each with its end-of-text
 * @param validationTokens all tokens of the validation part
 * @param cut documents that were left out because a border of the validation part lies in them
 */
public record Overlap(
    long documents, long repeated, long repeatedTokens, long validationTokens, long cut) {

  /**
   * A part whose documents are looked for.
   *
   * @param tokens of it
   * @param startsWhole whether it begins where a document does
   * @param ends how many documents end in it
   */
  record Part(TokenView tokens, boolean startsWhole, long ends) {}

  /** What validation documents of the same tokens have in common. */
  private static final class Found {
    private final AtomicLong documents = new AtomicLong();
    private final AtomicLong tokens = new AtomicLong();
    private volatile boolean trained;
  }

  /**
   * Looks for validation documents in the training part.
   *
   * @param training one view a source, from the first token of a document on
   * @param validation the parts of the validation part
   * @param endOfText the id that ends documents
   */
  static Overlap of(List<TokenView> training, List<Part> validation, int endOfText) {
    Map<Documents.Name, Found> wanted = new ConcurrentHashMap<>();
    long cut = 0;
    for (Part part : validation) {
      new Documents(part.tokens(), part.startsWhole(), endOfText)
          .forEach(
              (start, length, name) -> {
                Found found = wanted.computeIfAbsent(name, any -> new Found());
                found.documents.incrementAndGet();
                found.tokens.addAndGet(length);
              });
      cut += cut(part, endOfText);
    }
    for (TokenView tokens : wanted.isEmpty() ? List.<TokenView>of() : training) {
      new Documents(tokens, true, endOfText)
          .forEach(
              (start, length, name) -> {
                Found found = wanted.get(name);
                if (found != null) {
                  found.trained = true;
                }
              });
    }
    long documents = 0;
    long repeated = 0;
    long tokens = 0;
    for (Found found : wanted.values()) {
      documents += found.documents.get();
      repeated += found.trained ? found.documents.get() : 0;
      tokens += found.trained ? found.tokens.get() : 0;
    }
    long all = validation.stream().mapToLong(part -> part.tokens().size()).sum();
    return new Overlap(documents, repeated, tokens, all, cut);
  }

  /** Documents at the borders of a part; of a part within one document, that one. */
  private static long cut(Part part, int endOfText) {
    long borders = (part.startsWhole() ? 0L : 1L) + (last(part.tokens()) == endOfText ? 0 : 1);
    return part.ends() == 0 ? Math.min(1, borders) : borders;
  }

  /** The last token of a sequence. */
  static long last(TokenView tokens) {
    long[] last = new long[1];
    tokens.read(tokens.size() - 1, 1, last, 0);
    return last[0];
  }

  /**
   * The share of the validation part that also stands in the training part.
   *
   * @return of its tokens, between 0 and 1
   */
  public double share() {
    return (double) repeatedTokens / validationTokens;
  }

  /**
   * A warning for runs whose validation loss says in part how well they remember.
   *
   * @return one sentence; empty if no document stands in both parts
   */
  public Optional<String> warning() {
    return repeated == 0
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "%,d of %,d validation documents (%.1f %% of validation tokens) also stand in the"
                    + " training part",
                repeated,
                documents,
                100 * share()));
  }

  /** The result of a search that was made before, else of this one, which is then remembered. */
  static Overlap remembered(
      Path cacheDirectory,
      List<String> dataSha256,
      List<TokenView> training,
      List<Part> validation,
      int endOfText) {
    Sha256 key = new Sha256().add("overlap 1 end of text %s\n".formatted(endOfText));
    dataSha256.forEach(sha -> key.add(sha + "\n"));
    validation.forEach(part -> key.add(part.startsWhole() + "\n"));
    Path memory = cacheDirectory.resolve("overlaps").resolve(key.hex().substring(0, 32) + ".json");
    long all = validation.stream().mapToLong(part -> part.tokens().size()).sum();
    Optional<Overlap> known = recall(memory).filter(it -> it.validationTokens() == all);
    if (known.isPresent()) {
      return known.get();
    }
    Overlap overlap = of(training, validation, endOfText);
    try {
      DurableFiles.write(memory, Json.line(overlap) + "\n");
    } catch (UncheckedIOException e) {
      // A read-only cache costs time at the next start and nothing else.
    }
    return overlap;
  }

  private static Optional<Overlap> recall(Path memory) {
    try {
      return Optional.ofNullable(Json.MAPPER.readValue(Files.readString(memory), Overlap.class));
    } catch (IOException e) {
      return Optional.empty(); // never searched, or the memory is unreadable: search again
    }
  }
}
