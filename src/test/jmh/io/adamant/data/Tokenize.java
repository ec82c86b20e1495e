package io.adamant.data;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import io.adamant.base.Granted;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Tokens per second from a corpus's file to a file of tokens, and of the plain library on the same
 * text in memory, on as many threads; see performance.md.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 1, time = 1)
@Measurement(iterations = 3, time = 1)
public class Tokenize {
  /** Texts that the library's batch call takes at once. */
  private static final int BATCH = 64;

  /** As for {@code data.corpus}. */
  @Param("wordnet")
  public String corpus;

  /** As for {@code data.tokenizer}: {@code gpt2} or a file. */
  @Param("gpt2")
  public String tokenizer;

  private final int threads = Granted.here().threads();
  private Corpus source;
  private Tokenizer ours;
  private Encoding jtokkit;
  private ai.djl.huggingface.tokenizers.HuggingFaceTokenizer huggingFace;
  private List<String> pieces;
  private Path file;

  /** Counted beside the passes. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Counter {
    /** Tokens of all passes. */
    public long tokens;
  }

  /** Opens both and reads the text. */
  @Setup
  public void prepare() throws IOException {
    source = Corpus.of("data.corpus", corpus);
    ours = Tokenizer.of(tokenizer, 0);
    if (ours instanceof Gpt2Tokenizer) {
      jtokkit = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
    } else {
      huggingFace =
          ai.djl.huggingface.tokenizers.HuggingFaceTokenizer.newInstance(
              Path.of(tokenizer),
              Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false"));
    }
    pieces = new ArrayList<>();
    try (PieceSource pass = source.open(new Reading(ours.cuts(), false))) {
      for (Optional<Piece> piece = pass.next(); piece.isPresent(); piece = pass.next()) {
        pieces.add(piece.get().text());
      }
    }
    file = Files.createTempFile("tokenize", ".tokens");
  }

  /** Closes both. */
  @TearDown
  public void close() throws IOException {
    ours.close();
    Files.delete(file);
  }

  /** Reading, cutting, encoding and writing. */
  @Benchmark
  public void adamant(Counter counter) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        PieceSource pass = source.open(new Reading(ours.cuts(), false))) {
      TokenWriter writer = new TokenWriter(channel, 0, 4);
      new ParallelEncoder(ours, corpus, line -> {}).encode(pass, writer, new TextIndex());
      counter.tokens += writer.count();
    }
  }

  /** Encoding alone: jtokkit on every thread, or the batch call of the other, which has its own. */
  @Benchmark
  public void library(Counter counter) throws Exception {
    if (jtokkit == null) {
      for (int at = 0; at < pieces.size(); at += BATCH) {
        List<String> batch = pieces.subList(at, Math.min(pieces.size(), at + BATCH));
        for (ai.djl.huggingface.tokenizers.Encoding each :
            huggingFace.batchEncode(batch, false, false)) {
          counter.tokens += each.getIds().length;
        }
      }
      return;
    }
    AtomicLong tokens = new AtomicLong();
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    List<Future<?>> work = new ArrayList<>();
    for (String piece : pieces) {
      work.add(workers.submit(() -> tokens.addAndGet(jtokkit.encodeOrdinary(piece).size())));
    }
    for (Future<?> each : work) {
      each.get();
    }
    workers.shutdown();
    counter.tokens += tokens.get();
  }
}
