package io.adamant.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.train.TestRuns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The other files say what metrics.jsonl says, also of a run that was stopped and went on. */
class MetricsSinkTest {

  @TempDir Path temp;

  /** CRC-32C bit by bit: reflected polynomial 0x82F63B78. */
  private static int crc32c(byte[] bytes) {
    int crc = -1;
    for (byte b : bytes) {
      crc ^= b & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 1 ? (crc >>> 1) ^ 0x82F63B78 : crc >>> 1;
      }
    }
    return ~crc;
  }

  private static int masked(byte[] bytes) {
    int crc = crc32c(bytes);
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }

  @Test
  void theChecksumOfTheTestIsTheStandardOne() {
    assertThat(crc32c("123456789".getBytes(StandardCharsets.US_ASCII))).isEqualTo(0xE3069283);
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] take(ByteBuffer from, int count) {
    byte[] bytes = new byte[count];
    from.get(bytes);
    return bytes;
  }

  private static long varint(ByteBuffer from) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = from.get();
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }

  /** Reads a file into step, tag, value; a session start drops its step and later ones. */
  private static void readEvents(Path file, NavigableMap<Long, Map<String, Float>> into)
      throws IOException {
    ByteBuffer records = little(Files.readAllBytes(file));
    boolean first = true;
    while (records.hasRemaining()) {
      byte[] length = take(records, 8);
      assertThat(records.getInt()).isEqualTo(masked(length));
      byte[] data = take(records, Math.toIntExact(little(length).getLong()));
      assertThat(records.getInt()).isEqualTo(masked(data));
      ByteBuffer event = little(data);
      assertThat(varint(event)).isEqualTo(9); // 1: wall_time, fixed 64
      assertThat(event.getDouble()).isGreaterThan(1.7e9);
      assertThat(varint(event)).isEqualTo(16); // 2: step
      long step = varint(event);
      long key = varint(event);
      byte[] payload = take(event, (int) varint(event));
      ByteBuffer content = little(payload);
      assertThat(event.hasRemaining()).isFalse();
      if (first) {
        assertThat(key).isEqualTo((3 << 3) | 2);
        assertThat(new String(payload, StandardCharsets.UTF_8)).isEqualTo("brain.Event:2");
      } else if (key == ((7 << 3) | 2)) {
        assertThat(payload).containsExactly(8, 1);
        into.tailMap(step, true).clear();
      } else {
        assertThat(key).isEqualTo((5 << 3) | 2);
        while (content.hasRemaining()) {
          assertThat(varint(content)).isEqualTo((1 << 3) | 2);
          ByteBuffer value = little(take(content, (int) varint(content)));
          assertThat(varint(value)).isEqualTo((1 << 3) | 2);
          String tag = new String(take(value, (int) varint(value)), StandardCharsets.UTF_8);
          assertThat(varint(value)).isEqualTo((2 << 3) | 5);
          into.computeIfAbsent(step, s -> new TreeMap<>()).put(tag, value.getFloat());
        }
      }
      first = false;
    }
  }

  @Test
  void everyFileTellsTheSameStory() throws IOException {
    RunConfig config =
        TestRuns.config(TestRuns.corpus(temp), "measure.csv=true", "measure.tensorboard=true");
    Path root = temp.resolve("run");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      AtomicInteger left = new AtomicInteger(17);
      TestRuns.train(config, data, root, () -> left.decrementAndGet() == 0);
      TestRuns.train(config, data, root);
    }
    NavigableMap<Long, Map<String, Float>> events = new TreeMap<>();
    List<Path> files;
    try (Stream<Path> list = Files.list(root.resolve("tensorboard"))) {
      files = list.sorted().toList();
    }
    assertThat(files).hasSize(2);
    for (Path file : files) {
      readEvents(file, events);
    }
    List<String> rows = Files.readAllLines(root.resolve("metrics.csv"));
    assertThat(rows.get(0)).isEqualTo("step,key,value");
    assertThat(events).hasSize(40);
    List<String> expected = new ArrayList<>();
    for (String row : rows.subList(1, rows.size())) {
      String[] cells = row.split(",", -1);
      expected.add(cells[0] + " " + cells[1]);
      float value = events.get(Long.parseLong(cells[0])).get(cells[1].replace('.', '/'));
      assertThat(value).isEqualTo((float) Double.parseDouble(cells[2]));
    }
    assertThat(expected).doesNotHaveDuplicates();
    assertThat(expected).contains("1 train_loss", "40 val_loss", "17 grad_norm");
    assertThat(expected.size()).isEqualTo(events.values().stream().mapToInt(Map::size).sum());
  }

  private static List<StepMetrics> lines(int from, int to, double loss) {
    List<StepMetrics> lines = new ArrayList<>();
    for (int step = from; step <= to; step++) {
      lines.add(new StepMetrics(step, step, 0.1, loss, 1, 100, false, Map.of()));
    }
    return lines;
  }

  /** A killed process may have written steps that no checkpoint holds, and half a row. */
  @Test
  void stepsDoneAgainAfterAKillReplaceTheFirstOnes() throws IOException {
    Path csv = temp.resolve("metrics.csv");
    Path board = temp.resolve("tensorboard");
    try (MetricsSink first = new CsvSink(csv);
        MetricsSink events = new TensorBoardSink(board)) {
      for (MetricsSink sink : List.of(first, events)) {
        sink.begin(0);
        sink.append(lines(1, 18, 5));
      }
    }
    Files.writeString(csv, "19,train_lo", StandardOpenOption.APPEND);
    try (MetricsSink second = new CsvSink(csv);
        MetricsSink events = new TensorBoardSink(board)) {
      for (MetricsSink sink : List.of(second, events)) {
        sink.begin(15);
        sink.append(lines(16, 20, 4));
      }
    }
    List<String> losses =
        Files.readAllLines(csv).stream().filter(row -> row.contains("train_loss")).toList();
    assertThat(losses).hasSize(20).contains("15,train_loss,5.0", "16,train_loss,4.0");
    NavigableMap<Long, Map<String, Float>> events = new TreeMap<>();
    try (Stream<Path> list = Files.list(board)) {
      for (Path file : list.sorted().toList()) {
        readEvents(file, events);
      }
    }
    assertThat(events).hasSize(20);
    assertThat(events.get(15L)).containsEntry("train_loss", 5f);
    assertThat(events.get(16L)).containsEntry("train_loss", 4f);
  }

  /** A flipped bit is found: the checks of this test do check. */
  @Test
  void aDamagedEventFileIsRecognised() throws IOException {
    Path board = temp.resolve("tensorboard");
    try (MetricsSink sink = new TensorBoardSink(board)) {
      sink.begin(0);
      sink.append(lines(1, 3, 5));
    }
    try (Stream<Path> list = Files.list(board)) {
      Path file = list.findFirst().orElseThrow();
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length - 10] ^= 1;
      Files.write(file, bytes);
      assertThatThrownBy(() -> readEvents(file, new TreeMap<>()))
          .isInstanceOf(AssertionError.class);
    }
  }

  /** A sink that waits to be let on, and may fail. */
  private static final class Gate implements MetricsSink {
    private final CountDownLatch open = new CountDownLatch(1);
    private final List<Long> steps = Collections.synchronizedList(new ArrayList<>());
    private boolean closed;

    @Override
    public void begin(long stepsDone) {}

    @Override
    public void append(List<StepMetrics> lines) {
      try {
        open.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      for (StepMetrics line : lines) {
        if (line.trainLoss() < 0) {
          throw new UncheckedIOException("disk full", new IOException());
        }
        steps.add(line.step());
      }
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  @Test
  void trainingDoesNotWaitForSinksAndCheckpointsDo() {
    Gate gate = new Gate();
    List<StepMetrics> lines = new ArrayList<>(lines(1, 3, 5));
    try (BackgroundSinks sinks = new BackgroundSinks(List.of(gate))) {
      sinks.append(lines); // returns although the sink is shut
      lines.clear();
      assertThat(gate.steps).isEmpty();
      gate.open.countDown();
      sinks.finish();
      assertThat(gate.steps).containsExactly(1L, 2L, 3L);
      sinks.append(lines(4, 4, 5));
    }
    assertThat(gate.steps).containsExactly(1L, 2L, 3L, 4L);
    assertThat(gate.closed).isTrue();
  }

  @Test
  void anErrorOfASinkIsToldAtTheNextCall() {
    Gate gate = new Gate();
    gate.open.countDown();
    BackgroundSinks sinks = new BackgroundSinks(List.of(gate));
    sinks.append(lines(1, 1, -1));
    assertThatThrownBy(() -> sinks.append(lines(2, 2, 5)))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("disk full");
    sinks.close();
    assertThat(gate.closed).isTrue();
  }
}
