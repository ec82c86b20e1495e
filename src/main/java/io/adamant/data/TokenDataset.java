package io.adamant.data;

import io.adamant.base.InputException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A corpus, tokenized and split: all that a run knows of its data.
 *
 * <pre>{@code
 * try (TokenDataset data = TokenDataset.open(spec, CacheDirectory.ofUser(), System.err::println)) {
 *   Batches batches = new Batches(data.train(), 16, 128, seed);
 *   ValidationWindows validation = new ValidationWindows(data.validation(), 128);
 * }
 * }</pre>
 */
public final class TokenDataset implements AutoCloseable {
  private final String description;
  private final Tokenizer tokenizer;
  private final TokenStore store;

  private TokenDataset(String description, Tokenizer tokenizer, TokenStore store) {
    this.description = description;
    this.tokenizer = tokenizer;
    this.store = store;
  }

  /**
   * Looks whether a data set's files are there, without reading them.
   *
   * @param spec what the user asks for
   * @throws InputException if corpus or tokenizer are not there
   */
  public static void requireFiles(DatasetSpec spec) {
    Tokenizer.requireKnown(spec.tokenizer());
    Corpus.of("data.corpus", spec.corpus());
    spec.validationCorpus().ifPresent(name -> Corpus.of("data.validation_corpus", name));
  }

  /**
   * Opens a data set; tokenizes the corpus if the cache does not have its tokens.
   *
   * @param spec what the user asks for
   * @param cacheDirectory where tokens are cached, see {@link CacheDirectory}
   * @param progress told of tokenizing, a line at a time; called by this thread
   * @return the data set, to be closed by the caller
   * @throws InputException if the corpus, tokenizer, vocabulary or cache cannot be used
   */
  public static TokenDataset open(
      DatasetSpec spec, Path cacheDirectory, Consumer<String> progress) {
    Tokenizer tokenizer = Tokenizer.of(spec.tokenizer(), spec.vocab(), spec.endOfText());
    try {
      Corpus corpus = Corpus.of("data.corpus", spec.corpus());
      Optional<Corpus> validation =
          spec.validationCorpus().map(name -> Corpus.of("data.validation_corpus", name));
      StoreRecipe recipe =
          new StoreRecipe(
              corpus, validation, spec.validationFraction(), tokenizer, spec.replaceInvalid());
      TokenStore store = TokenStore.open(recipe, cacheDirectory, progress);
      String description =
          corpus.description()
              + validation.map(other -> ", validated on " + other.description()).orElse("");
      return new TokenDataset(description, tokenizer, store);
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  /**
   * Describes the text for people.
   *
   * @return one line
   */
  public String description() {
    return description;
  }

  /**
   * The training split.
   *
   * @return its tokens
   */
  public TokenView train() {
    return store.train();
  }

  /**
   * The validation split.
   *
   * @return its tokens
   */
  public TokenView validation() {
    return store.validation();
  }

  /**
   * What turned the text into tokens.
   *
   * @return the tokenizer, usable until this data set is closed
   */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /**
   * Counts and the unigram cross-entropy, for the manifest.
   *
   * @return the statistics
   */
  public DataStatistics statistics() {
    return store.statistics();
  }

  /**
   * Identifies tokens and split, independent of paths, for the manifest and the run's id.
   *
   * @return 64 hexadecimal digits
   */
  public String dataSha256() {
    return store.dataSha256();
  }

  /** Releases the tokenizer. The views stay readable; their mapping goes with them. */
  @Override
  public void close() {
    tokenizer.close();
  }
}
