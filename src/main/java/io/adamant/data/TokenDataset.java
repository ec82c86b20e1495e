package io.adamant.data;

import io.adamant.base.InputException;
import io.adamant.base.UserPath;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

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
  private static final String CORPUS = "data.corpus";
  private static final String VALIDATION = "data.validation_corpus";

  private final String description;
  private final Tokenizer tokenizer;
  private final TokenView train;
  private final TokenView validation;
  private final DataStatistics statistics;
  private final String dataSha256;
  private final List<DataFile> files;
  private final List<TokenStore> stores;
  private final List<Overlap.Part> validated;
  private final Path cacheDirectory;
  private Optional<Overlap> overlap = Optional.empty();

  private TokenDataset(
      Path cacheDirectory,
      List<TokenStore> stores,
      List<Overlap.Part> validated,
      String description,
      Tokenizer tokenizer,
      TokenView train,
      TokenView validation,
      DataStatistics statistics,
      String dataSha256,
      List<DataFile> files) {
    this.cacheDirectory = cacheDirectory;
    this.stores = List.copyOf(stores);
    this.validated = List.copyOf(validated);
    this.description = description;
    this.tokenizer = tokenizer;
    this.train = train;
    this.validation = validation;
    this.statistics = statistics;
    this.dataSha256 = dataSha256;
    this.files = List.copyOf(files);
  }

  /**
   * Looks whether a data set's files are there, without reading them.
   *
   * @param spec what the user asks for
   * @throws InputException if corpus or tokenizer are not there
   */
  public static void requireFiles(DatasetSpec spec) {
    Tokenizer.requireKnown(spec.tokenizer());
    CorpusSource.parse(CORPUS, spec.corpus()).forEach(source -> Corpus.of(CORPUS, source));
    spec.validationCorpus().ifPresent(name -> Corpus.of(VALIDATION, name));
  }

  /**
   * Looks whether there is a file, or a corpus, of a name.
   *
   * @param name of a corpus or a tokenizer's file
   * @return whether all of it is on this machine
   */
  public static boolean isThere(String name) {
    try {
      if (!Files.exists(UserPath.of(name))) {
        CorpusSource.parse(CORPUS, name).forEach(source -> Corpus.of(CORPUS, source));
      }
      return true;
    } catch (InputException e) {
      return false;
    }
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
      Optional<Corpus> validation =
          spec.validationCorpus().map(name -> Corpus.of(VALIDATION, name));
      Opener opener = new Opener(spec, validation, tokenizer, cacheDirectory, progress);
      String validatedOn =
          validation.map(other -> ", validated on " + other.description()).orElse("");
      List<CorpusSource> sources = CorpusSource.parse(CORPUS, spec.corpus());
      Optional<List<BigDecimal>> weights = Mixture.weights(sources);
      if (weights.isPresent()) {
        List<Integer> proportions = Mixture.proportions(CORPUS, weights.get());
        List<Corpus> corpora = sources.stream().map(source -> Corpus.of(CORPUS, source)).toList();
        List<TokenStore> stores = opener.stores(corpora);
        List<Overlap.Part> parts = new ArrayList<>();
        for (int k = 0; k < (validation.isPresent() ? 1 : stores.size()); k++) {
          parts.add(opener.validated(corpora.get(k), stores.get(k)));
        }
        return of(
            cacheDirectory,
            new Mixture(corpora.stream().map(Corpus::description).toList(), proportions, stores),
            validation.isPresent(),
            parts,
            validatedOn,
            tokenizer,
            files(corpora, validation, cacheDirectory));
      }
      Corpus corpus = Corpus.of(CORPUS, spec.corpus());
      TokenStore tokens = opener.store(corpus);
      return new TokenDataset(
          cacheDirectory,
          List.of(tokens),
          List.of(opener.validated(corpus, tokens)),
          corpus.description() + validatedOn,
          tokenizer,
          tokens.train(),
          tokens.validation(),
          tokens.statistics(),
          tokens.dataSha256(),
          files(List.of(corpus), validation.or(corpus::ownValidation), cacheDirectory));
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  /**
   * Opens a corpus that is not parted: both splits are all of it. It is tokenized once.
   *
   * @param spec whose corpus and tokenizer count
   * @param cacheDirectory where tokens are cached, see {@link CacheDirectory}
   * @param progress told of tokenizing, a line at a time; called by this thread
   * @return the data set, to be closed by the caller
   * @throws InputException if corpus, tokenizer, vocabulary or cache cannot be used, or the text
   *     has less than two tokens
   */
  public static TokenDataset openWhole(
      DatasetSpec spec, Path cacheDirectory, Consumer<String> progress) {
    Tokenizer tokenizer = Tokenizer.of(spec.tokenizer(), spec.vocab(), spec.endOfText());
    try {
      Corpus corpus = Corpus.of(CORPUS, spec.corpus());
      StoreRecipe recipe =
          new StoreRecipe(
              corpus,
              Optional.empty(),
              spec.validationFraction(),
              tokenizer,
              spec.replaceInvalid());
      TokenStore store = TokenStore.open(recipe, cacheDirectory, progress);
      TokenView all = DerivedStore.all(store);
      DataStatistics parts = store.statistics();
      long bytes = parts.trainBytes() + parts.validationBytes();
      DataStatistics statistics =
          new DataStatistics(
              all.size(),
              all.size(),
              parts.documents(),
              parts.documents(),
              bytes,
              bytes,
              "",
              parts.unigramCrossEntropy());
      return new TokenDataset(
          cacheDirectory,
          List.of(store),
          List.of(),
          corpus.description(),
          tokenizer,
          all,
          all,
          statistics,
          store.dataSha256(),
          files(List.of(corpus), Optional.empty(), cacheDirectory));
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  /** What the stores of a data set have in common. */
  private record Opener(
      DatasetSpec spec,
      Optional<Corpus> validation,
      Tokenizer tokenizer,
      Path cacheDirectory,
      Consumer<String> progress) {

    /** The stores of a mixture. A text that validates it is tokenized once, with the first. */
    List<TokenStore> stores(List<Corpus> corpora) {
      List<TokenStore> stores = new ArrayList<>();
      for (Corpus corpus : corpora) {
        StoreRecipe recipe = recipe(corpus);
        boolean known = validation.isPresent() && !stores.isEmpty();
        if (known && !(corpus instanceof TokenShards)) {
          TokenStore alone = TokenStore.open(recipe.alone(), cacheDirectory, progress);
          stores.add(DerivedStore.validatedOn(alone, stores.get(0), tokenizer, cacheDirectory));
        } else {
          stores.add(store(corpus));
        }
      }
      return stores;
    }

    TokenStore store(Corpus corpus) {
      StoreRecipe recipe = recipe(corpus);
      TokenStore store = TokenStore.open(recipe, cacheDirectory, progress);
      return spec.wholeDocuments() && recipe.validationCorpus().isEmpty()
          ? DocumentSplit.of(store, recipe, cacheDirectory, progress)
          : store;
    }

    private StoreRecipe recipe(Corpus corpus) {
      return new StoreRecipe(
          corpus,
          validation.or(corpus::ownValidation),
          spec.validationFraction(),
          tokenizer,
          spec.replaceInvalid());
    }

    /** The validation part of a store: of its own text, of whole documents, or the end of it. */
    Overlap.Part validated(Corpus corpus, TokenStore store) {
      boolean whole =
          spec.wholeDocuments()
              || recipe(corpus).validationCorpus().isPresent()
              || Overlap.last(store.train()) == tokenizer.endOfText();
      return new Overlap.Part(store.validation(), whole, store.statistics().validationDocuments());
    }
  }

  /**
   * Says how large a data set will be, from the beginning of its text.
   *
   * @param spec what the user asks for
   * @param progress told of what takes long, a line at a time
   * @return an estimate; exact for token shards and short texts
   * @throws InputException if corpus or tokenizer cannot be used
   */
  public static DataForecast forecast(DatasetSpec spec, Consumer<String> progress) {
    try (Tokenizer tokenizer = Tokenizer.of(spec.tokenizer(), spec.vocab())) {
      List<Corpus> corpora = new ArrayList<>();
      List<CorpusSource> sources = CorpusSource.parse(CORPUS, spec.corpus());
      sources.forEach(source -> corpora.add(Corpus.of(CORPUS, source)));
      Optional<Corpus> validation =
          spec.validationCorpus().map(name -> Corpus.of(VALIDATION, name));
      validation.ifPresent(corpora::add);
      corpora.forEach(corpus -> new StoreRecipe(corpus, Optional.empty(), 0.5, tokenizer));
      return DataForecast.of(corpora, tokenizer, progress);
    }
  }

  private static List<DataFile> files(
      List<Corpus> corpora, Optional<Corpus> validation, Path cacheDirectory) {
    ContentHashes hashes = new ContentHashes(cacheDirectory);
    List<DataFile> all = new ArrayList<>();
    for (Corpus corpus : Stream.concat(corpora.stream(), validation.stream()).toList()) {
      List<Path> files = corpus.files();
      boolean hashed = !files.isEmpty() && !(corpus instanceof TokenShards);
      List<String> known = hashed ? hashes.sha256(files) : List.of();
      for (int i = 0; i < files.size(); i++) {
        Path file = files.get(i).toAbsolutePath().normalize();
        all.add(new DataFile(file.toString(), Failure.size(file), hashed ? known.get(i) : ""));
      }
    }
    return all;
  }

  /** With a validation corpus of its own, each store has that; else each has a part of its own. */
  private static TokenDataset of(
      Path cacheDirectory,
      Mixture mixture,
      boolean ownValidation,
      List<Overlap.Part> validated,
      String validatedOn,
      Tokenizer tokenizer,
      List<DataFile> files) {
    TokenStore first = mixture.stores().get(0);
    TokenView validation = ownValidation ? first.validation() : mixture.validation();
    return new TokenDataset(
        cacheDirectory,
        mixture.stores(),
        validated,
        mixture.description() + validatedOn,
        tokenizer,
        mixture.train(),
        validation,
        mixture.statistics(validation, ownValidation ? 1 : mixture.stores().size()),
        mixture.dataSha256(),
        files);
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
   * Where the tokens are cached.
   *
   * @return a file for each source; of token shards, what is remembered of them
   */
  public List<Path> stores() {
    return stores.stream().map(TokenStore::file).toList();
  }

  /**
   * The training split.
   *
   * @return its tokens
   */
  public TokenView train() {
    return train;
  }

  /**
   * The validation split.
   *
   * @return its tokens
   */
  public TokenView validation() {
    return validation;
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
    return statistics;
  }

  /**
   * Looks for validation documents that also stand in training, once for each data set and machine.
   *
   * @return how many there are; empty where the tokenizer does not tell where documents end
   */
  public synchronized Optional<Overlap> overlap() {
    if (overlap.isEmpty() && tokenizer.endOfText() >= 0) {
      overlap = Optional.of(findOverlap(tokenizer.endOfText()));
    }
    return overlap;
  }

  /**
   * Counts the documents of both parts by their lengths.
   *
   * @return empty where the tokenizer does not tell where documents end
   */
  public Optional<DocumentLengths> documentLengths() {
    int endOfText = tokenizer.endOfText();
    if (endOfText < 0) {
      return Optional.empty();
    }
    List<Documents> parts = new ArrayList<>();
    stores.forEach(store -> parts.add(new Documents(store.train(), true, endOfText)));
    validated.forEach(
        part -> parts.add(new Documents(part.tokens(), part.startsWhole(), endOfText)));
    return Optional.of(DocumentLengths.of(parts));
  }

  private Overlap findOverlap(int endOfText) {
    return Overlap.remembered(
        cacheDirectory,
        stores.stream().map(TokenStore::dataSha256).toList(),
        stores.stream().map(TokenStore::train).toList(),
        validated,
        endOfText);
  }

  /**
   * Identifies tokens and split, independent of paths, for the manifest and the run's id.
   *
   * @return 64 hexadecimal digits
   */
  public String dataSha256() {
    return dataSha256;
  }

  /**
   * The files that were read, for the manifest.
   *
   * @return those of the corpus, then those of the validation corpus
   */
  public List<DataFile> files() {
    return files;
  }

  /** Releases the tokenizer. The views stay readable; their mapping goes with them. */
  @Override
  public void close() {
    tokenizer.close();
  }
}
