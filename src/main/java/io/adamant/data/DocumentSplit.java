package io.adamant.data;

import io.adamant.base.InputException;
import io.adamant.base.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;

/**
 * Splits off whole documents of a corpus, wherever they lie: those whose hashes (see {@link
 * Documents}) are smallest, so that all copies of a document are on one side, and a larger fraction
 * holds out the same documents and more. The share is that of the number of documents in this order
 * whose tokens come nearest to the fraction.
 *
 * <p>Training reads the rest in the order of the corpus, through a {@link SelectedView}: no token
 * is copied.
 */
final class DocumentSplit {
  /** Documents are counted by so many bits of their hashes before any is remembered. */
  private static final int BITS = 16;

  private final TokenView all;
  private final StoreRecipe recipe;
  private final Documents documents;

  private DocumentSplit(TokenView all, StoreRecipe recipe) {
    this.all = all;
    this.recipe = recipe;
    this.documents = new Documents(all, true, recipe.tokenizer().endOfText());
  }

  /** A document of the validation part. */
  private record Document(long start, long length) {}

  /**
   * Splits a corpus that is tokenized already.
   *
   * @param store of the corpus, split otherwise
   * @param recipe that it was made from
   * @param cacheDirectory where the split is remembered
   * @param progress told that the text is read again
   * @throws InputException if the corpus has less than two different documents, or its tokenizer
   *     does not tell documents
   */
  static TokenStore of(
      TokenStore store, StoreRecipe recipe, Path cacheDirectory, Consumer<String> progress) {
    if (recipe.tokenizer().endOfText() < 0) {
      throw InputException.badValue(
          "data.validation_split",
          "documents",
          "tokens with tokenizer none, which does not say where documents end");
    }
    TokenView all = DerivedStore.all(store);
    String key =
        new Sha256()
            .add("documents 1\n")
            .add(store.header().key() + "\n")
            .add(store.dataSha256() + "\n")
            .hex();
    DerivedStore split =
        DerivedStore.of(
            cacheDirectory,
            key,
            recipe.tokenizer(),
            () -> new DocumentSplit(all, recipe).parts(progress));
    return new TokenStore(
        store.file(),
        split.header(),
        SelectedView.without(all, split.places()),
        SelectedView.of(all, split.places()));
  }

  private DerivedStore.Parts parts(Consumer<String> progress) {
    long[] places = places();
    TokenView train = SelectedView.without(all, places);
    TokenView validation = SelectedView.of(all, places);
    Census.Bytes text =
        recipe.corpus() instanceof TokenShards
            ? new Census.Bytes(bytes(train), bytes(validation), "")
            : text(places, progress);
    return new DerivedStore.Parts(train, validation, text, places);
  }

  /** First token and length of each document of the validation part, in order. */
  private long[] places() {
    long least = Math.min(recipe.corpus().minimumValidationTokens(), all.size() - 1);
    long wanted = Math.max(least, Math.round(recipe.validationFraction() * all.size()));
    int last = lastBin(wanted);
    List<Document> chosen = new ArrayList<>();
    Map<Documents.Name, List<Document>> candidates =
        new TreeMap<>(
            (a, b) -> {
              int high = Long.compareUnsigned(a.high(), b.high());
              return high == 0 ? Long.compareUnsigned(a.low(), b.low()) : high;
            });
    documents.forEach(
        (start, length, name) -> {
          int bin = bin(name);
          if (bin <= last) {
            synchronized (candidates) {
              (bin < last ? chosen : candidates.computeIfAbsent(name, n -> new ArrayList<>()))
                  .add(new Document(start, length));
            }
          }
        });
    choose(new ArrayList<>(candidates.values()), chosen, wanted, least);
    chosen.sort(Comparator.comparingLong(Document::start));
    long[] places = new long[2 * chosen.size()];
    for (int i = 0; i < chosen.size(); i++) {
      places[2 * i] = chosen.get(i).start();
      places[2 * i + 1] = chosen.get(i).length();
    }
    return places;
  }

  private static int bin(Documents.Name name) {
    return (int) (name.high() >>> (Long.SIZE - BITS));
  }

  /** The bin of hashes within which the tokens wanted are complete. */
  private int lastBin(long wanted) {
    AtomicLongArray tokens = new AtomicLongArray(1 << BITS);
    documents.forEach((start, length, name) -> tokens.addAndGet(bin(name), length));
    long sum = 0;
    int last = 0;
    for (int bin = 0; bin < tokens.length() && sum < wanted; bin++) {
      if (tokens.get(bin) > 0) {
        sum += tokens.get(bin);
        last = bin;
      }
    }
    return last;
  }

  /** Adds so many of the candidates, which are in order, that the tokens come nearest. */
  private void choose(
      List<List<Document>> candidates, List<Document> chosen, long wanted, long least) {
    long tokens = tokens(chosen);
    int best = -1;
    long nearest = Long.MAX_VALUE;
    for (int count = 0; count <= candidates.size(); count++) {
      tokens += count == 0 ? 0 : tokens(candidates.get(count - 1));
      // Too few are taken only where more would leave nothing to train on.
      long off = Math.abs(tokens - wanted) + (tokens < least ? all.size() : 0);
      if (tokens > 0 && tokens < all.size() && off < nearest) {
        nearest = off;
        best = count;
      }
    }
    if (best < 0) {
      throw InputException.badValue(
          "data.validation_split",
          "documents",
          "tokens where, as in %s, there are no two different documents"
              .formatted(recipe.corpus().description()));
    }
    candidates.subList(0, best).forEach(chosen::addAll);
  }

  private static long tokens(List<Document> documents) {
    return documents.stream().mapToLong(Document::length).sum();
  }

  private long bytes(TokenView part) {
    return Census.bytes(
        Census.counts(part, recipe.tokenizer().vocabularySize()), recipe.tokenizer());
  }

  /**
   * Reads the text again for the bytes of both parts and the hash of the validation part, which
   * tokens do not tell of every tokenizer. Unknown where a document's text has the end-of-text of
   * its tokenizer in it, since the documents of the text are then not those of the tokens.
   */
  private Census.Bytes text(long[] places, Consumer<String> progress) {
    long[] numbers = numbers(places);
    boolean spaces = recipe.tokenizer().cuts().next(0) > 0;
    Sha256 sha = new Sha256();
    long[] bytes = new long[2];
    int next = 0;
    long document = 0;
    recipe.corpus().prepare(progress);
    try (PieceSource source = recipe.corpus().open(recipe.reading())) {
      for (Optional<Piece> piece = source.next(); piece.isPresent(); piece = source.next()) {
        boolean validation = next < numbers.length - 1 && numbers[next] == document;
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        boolean ends = piece.get().endsDocument();
        TextIndex.write(piece.get(), spaces, text);
        bytes[validation ? 1 : 0] += text.size() - (ends ? 1 : 0);
        if (validation) {
          sha.add(ByteBuffer.wrap(text.toByteArray()));
        }
        document += ends ? 1 : 0;
        next += validation && ends ? 1 : 0;
      }
    } catch (IOException e) {
      throw Failure.unreadable(recipe.corpus().description(), e);
    }
    return document == numbers[numbers.length - 1]
        ? new Census.Bytes(bytes[0], bytes[1], sha.hex())
        : new Census.Bytes(0, 0, "");
  }

  /** Which documents those at the places are, from 0, and how many there are in all. */
  private long[] numbers(long[] places) {
    long[] numbers = new long[places.length / 2 + 1];
    long[] chunk = new long[Census.CHUNK];
    int next = 0;
    long document = 0;
    for (long at = 0; at < all.size(); at += chunk.length) {
      int count = (int) Math.min(chunk.length, all.size() - at);
      all.read(at, count, chunk, 0);
      for (int i = 0; i < count; i++) {
        if (2 * next < places.length && places[2 * next] == at + i) {
          numbers[next++] = document;
        }
        document += chunk[i] == documents.endOfText() ? 1 : 0;
      }
    }
    numbers[next] = document;
    return numbers;
  }
}
