package io.adamant.results;

import io.adamant.base.AppendedFile;
import io.adamant.base.StorageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Event files that TensorBoard reads: TFRecords of {@code Event} messages with scalar summaries.
 *
 * <pre>
 * record  = length (uint64) | masked CRC32C of the length (uint32) | data | masked CRC32C of the data
 * Event   = {1: wall_time double, 2: step int64, 3: file_version, 5: Summary, 7: SessionLog}
 * Summary = {1: repeated Value}      Value = {1: tag, 2: simple_value float}
 * masked  = ((crc &gt;&gt;&gt; 15) | (crc &lt;&lt; 17)) + 0xa282ead8
 * </pre>
 *
 * <p>All little-endian. Each session of a run writes a file of its own that begins with a session
 * log START at its first step, which tells TensorBoard to drop what earlier files say of that step
 * and later ones. Tags are keys with a slash for each dot. Source: tensorflow/core/util/event.proto
 * and tensorflow/core/lib/io/record_writer.
 */
final class TensorBoardSink implements MetricsSink {

  private static final int MASK = 0xa282ead8;

  private final Path directory;
  private AppendedFile records;

  TensorBoardSink(Path directory) {
    this.directory = directory;
  }

  @Override
  public void begin(long stepsDone) {
    double now = System.currentTimeMillis() / 1e3;
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new StorageException("make", directory, e);
    }
    Path file;
    int number = 0;
    do {
      file =
          directory.resolve(
              String.format(
                  Locale.ROOT, "events.out.tfevents.%010d.adamant.%d", (long) now, number++));
    } while (Files.exists(file));
    records = new AppendedFile(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    write(event(now, 0, message(3, "brain.Event:2".getBytes(StandardCharsets.UTF_8))));
    ByteArrayOutputStream start = new ByteArrayOutputStream();
    varint(start, 1 << 3);
    varint(start, 1); // START
    write(event(now, stepsDone + 1, message(7, start.toByteArray())));
  }

  @Override
  public void append(List<StepMetrics> lines) {
    double now = System.currentTimeMillis() / 1e3;
    for (StepMetrics line : lines) {
      ByteArrayOutputStream summary = new ByteArrayOutputStream();
      for (Map.Entry<String, Double> entry : MetricsSink.numbers(line).entrySet()) {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        value.writeBytes(
            message(1, entry.getKey().replace('.', '/').getBytes(StandardCharsets.UTF_8)));
        varint(value, (2 << 3) | 5);
        value.writeBytes(little(4).putFloat(entry.getValue().floatValue()).array());
        summary.writeBytes(message(1, value.toByteArray()));
      }
      write(event(now, line.step(), message(5, summary.toByteArray())));
    }
  }

  private static byte[] event(double wallTime, long step, byte[] what) {
    ByteArrayOutputStream event = new ByteArrayOutputStream();
    varint(event, (1 << 3) | 1);
    event.writeBytes(little(8).putDouble(wallTime).array());
    varint(event, 2 << 3);
    varint(event, step);
    event.writeBytes(what);
    return event.toByteArray();
  }

  /** A length-delimited field. */
  private static byte[] message(int field, byte[] content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    varint(bytes, ((long) field << 3) | 2);
    varint(bytes, content.length);
    bytes.writeBytes(content);
    return bytes.toByteArray();
  }

  private static void varint(ByteArrayOutputStream bytes, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    bytes.write((int) rest);
  }

  private void write(byte[] data) {
    byte[] length = little(8).putLong(data.length).array();
    ByteBuffer record = little(16 + data.length);
    record.put(length).putInt(masked(length)).put(data).putInt(masked(data)).flip();
    records.write(record);
  }

  private static int masked(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    int value = (int) crc.getValue();
    return Integer.rotateRight(value, 15) + MASK;
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {
    if (records != null) {
      records.close();
    }
  }
}
