package io.adamant.data;

import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * Opens token shards as a token store: the ids stay where they are and are mapped into memory.
 *
 * <p>The first time, all ids are compared with the vocabulary, counted and hashed. What that gives,
 * a {@link StoreHeader}, is remembered in the cache directory under the paths and stamps of the
 * files (see {@link ContentHashes#stamp}), the vocabulary and the split.
 */
final class ShardStore {
  /** Tokens that a thread counts at a time. */
  private static final int PORTION = 1 << 22;

  /** Vocabularies beyond this are counted by one thread, for the memory of the counts. */
  private static final int LARGE_VOCABULARY = 1 << 20;

  private final StoreRecipe recipe;
  private final List<TokenShard> shards = new ArrayList<>();
  private final List<TokenMap> maps = new ArrayList<>();
  private final List<TokenView> views = new ArrayList<>();
  private final long corpusTokens;

  private ShardStore(StoreRecipe recipe) {
    this.recipe = recipe;
    add(recipe.corpus());
    this.corpusTokens = size(views);
    recipe.validationCorpus().ifPresent(this::add);
  }

  private void add(Corpus corpus) {
    for (TokenShard shard : ((TokenShards) corpus).shards()) {
      shards.add(shard);
      maps.add(shard.map());
      views.add(maps.get(maps.size() - 1));
    }
  }

  /**
   * Opens a store.
   *
   * @param recipe whose corpora are {@link TokenShards}
   * @param cacheDirectory the cache directory
   * @param progress told how many ids were checked
   * @throws InputException if an id is beyond the vocabulary, or a file changes meanwhile
   */
  static TokenStore open(StoreRecipe recipe, Path cacheDirectory, Consumer<String> progress) {
    ShardStore store = new ShardStore(recipe);
    try {
      String key = store.key();
      Path memory = cacheDirectory.resolve("shards").resolve(key.substring(0, 32) + ".census");
      Optional<StoreHeader> known = recall(memory, key);
      StoreHeader header = known.isPresent() ? known.get() : store.census(key, progress);
      if (known.isEmpty()) {
        if (!store.key().equals(key)) {
          throw new InputException(
              "data.corpus: %s changed while it was read; start again when it is complete"
                  .formatted(recipe.corpus().description()));
        }
        store.remember(memory, header);
      }
      long train = header.statistics().trainTokens();
      return new TokenStore(
          memory,
          header,
          joined(store.part(0, train)),
          joined(store.part(train, header.statistics().validationTokens())));
    } catch (IOException e) {
      throw Failure.unreadable(recipe.corpus().description(), e);
    }
  }

  private String key() throws IOException {
    Sha256 sha = new Sha256().add("shards 1 of store %s\n".formatted(StoreHeader.VERSION));
    for (TokenShard shard : shards) {
      Path real = shard.file().toRealPath();
      sha.add("%s\n%s\n".formatted(real, ContentHashes.stamp(real)));
    }
    return sha.add("corpus %s of fraction %s\n".formatted(corpusTokens, fraction()))
        .add("tokenizer " + recipe.tokenizer().identity() + "\n")
        .hex();
  }

  private String fraction() {
    return recipe.validationCorpus().isPresent() ? "0" : "" + recipe.validationFraction();
  }

  private StoreHeader census(String key, Consumer<String> progress) {
    long begin = System.nanoTime();
    int vocab = recipe.tokenizer().vocabularySize();
    int endOfText = recipe.tokenizer().endOfText();
    long all = size(views);
    long train =
        recipe.validationCorpus().isPresent()
            ? corpusTokens
            : Split.trainTokens(joined(views), recipe);
    CompletableFuture<String> hash =
        CompletableFuture.supplyAsync(() -> dataSha256(vocab, train, all));
    long[] trained = counts(0, train, vocab);
    long[] validated = counts(train, all - train, vocab);
    DataStatistics statistics =
        new DataStatistics(
            train,
            all - train,
            endOfText < 0 ? 0 : trained[endOfText],
            endOfText < 0 ? 0 : validated[endOfText],
            Census.bytes(trained, recipe.tokenizer()),
            Census.bytes(validated, recipe.tokenizer()),
            "",
            Census.unigramCrossEntropy(trained, validated));
    String text = recipe.corpus().description();
    StoreHeader header = new StoreHeader(key, vocab, endOfText, statistics, hash.join(), 0, text);
    progress.accept(
        String.format(
            Locale.ROOT,
            "checked %s: %,d token ids in %.1f s",
            recipe.corpus().description(),
            all,
            (System.nanoTime() - begin) * 1e-9));
    return header;
  }

  /** What a text that is tokenized to the same ids has. */
  private String dataSha256(int vocab, long train, long all) {
    Sha256 sha = Census.hash(vocab, train, all - train);
    int width = TokenMap.width(vocab);
    for (TokenMap map : maps) {
      if (map.width() == width) {
        map.bytes().forEach(sha::add);
      } else {
        for (long at = 0; at < map.size(); at += Census.CHUNK) {
          int here = (int) Math.min(Census.CHUNK, map.size() - at);
          sha.add(TokenMap.bytes(map, at, here, width));
        }
      }
    }
    return sha.hex();
  }

  /** How often each id occurs, counted by all processors. */
  private long[] counts(long first, long length, int vocab) {
    TokenView tokens = joined(part(first, length));
    AtomicLong bad = new AtomicLong(Long.MAX_VALUE);
    long portions = (length + PORTION - 1) / PORTION;
    LongStream stream = LongStream.range(0, portions);
    long[] counts =
        (vocab > LARGE_VOCABULARY ? stream : stream.parallel())
            .collect(
                () -> new long[vocab],
                (sum, portion) -> {
                  long from = portion * PORTION;
                  long to = Math.min(length, from + PORTION);
                  long wrong = count(tokens, from, to, sum);
                  bad.accumulateAndGet(wrong, Math::min);
                },
                (sum, other) -> {
                  for (int i = 0; i < vocab; i++) {
                    sum[i] += other[i];
                  }
                });
    if (bad.get() < Long.MAX_VALUE) {
      throw beyond(first + bad.get(), vocab);
    }
    return counts;
  }

  /** Counts some tokens; the index of the first that the vocabulary does not have. */
  private static long count(TokenView tokens, long from, long to, long[] counts) {
    long[] chunk = new long[Census.CHUNK];
    for (long at = from; at < to; at += chunk.length) {
      int here = (int) Math.min(chunk.length, to - at);
      tokens.read(at, here, chunk, 0);
      for (int i = 0; i < here; i++) {
        if (chunk[i] < 0 || chunk[i] >= counts.length) {
          return at + i;
        }
        counts[(int) chunk[i]]++;
      }
    }
    return Long.MAX_VALUE;
  }

  private InputException beyond(long index, int vocab) {
    long at = index;
    int i = 0;
    while (at >= views.get(i).size()) {
      at -= views.get(i++).size();
    }
    long[] id = new long[1];
    views.get(i).read(at, 1, id, 0);
    return shards.get(i).beyond(at, id[0], vocab);
  }

  /** Some of the tokens, each file's by itself. */
  private List<TokenView> part(long first, long length) {
    List<TokenView> part = new ArrayList<>();
    long start = 0;
    for (TokenView view : views) {
      long from = Math.max(first, start);
      long to = Math.min(first + length, start + view.size());
      if (from < to) {
        boolean whole = to - from == view.size();
        part.add(whole ? view : view.part(from - start, to - from));
      }
      start += view.size();
    }
    return part;
  }

  private static TokenView joined(List<TokenView> views) {
    return views.size() == 1 ? views.get(0) : JoinedView.ofFiles(views);
  }

  private static long size(List<TokenView> views) {
    return views.stream().mapToLong(TokenView::size).sum();
  }

  private static Optional<StoreHeader> recall(Path memory, String key) {
    try {
      return StoreHeader.read(ByteBuffer.wrap(Files.readAllBytes(memory)))
          .filter(header -> header.key().equals(key));
    } catch (IOException e) {
      return Optional.empty(); // never read, or the memory is unreadable: read the ids again
    }
  }

  private void remember(Path memory, StoreHeader header) throws IOException {
    for (TokenShard shard : shards) {
      if (!ContentHashes.isSettled(shard.file())) {
        return;
      }
    }
    try {
      DurableFiles.write(memory, header.write().array());
    } catch (UncheckedIOException e) {
      // A read-only cache costs time at the next start and nothing else.
    }
  }
}
