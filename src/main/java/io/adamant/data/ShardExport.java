package io.adamant.data;

import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Writes the tokens of a data set as token shards, see {@link TokenShard}, that other programs
 * read.
 *
 * <p>Each file appears complete or not at all. What the folder holds is recorded in it before the
 * first file, so that a run of this that was killed goes on after its last finished file.
 */
public final class ShardExport {
  /** Tokens of a file unless a user says otherwise: as llm.c and modded-nanogpt have them. */
  public static final int DEFAULT_SHARD_TOKENS = 100_000_000;

  private static final String RECORD = "prepare.json";
  private static final String LOCK = ".prepare.lock";

  /** Whose files they are. */
  public enum Format {
    /** nanoGPT: {@code train.bin} and {@code val.bin}, nothing but uint16 ids. */
    NANOGPT,
    /** llm.c: shards with a header, uint16 or uint32. */
    LLMC,
    /** modded-nanogpt: shards with a header, uint16. */
    MODDED
  }

  /** A file to write: tokens from {@code first} on of a split. */
  private record Part(String name, TokenView split, long first, int count) {}

  private final TokenDataset data;
  private final Format format;
  private final int shardTokens;
  private final Path folder;
  private final int width;
  private final List<Part> parts = new ArrayList<>();

  /**
   * Plans the files.
   *
   * @param data an open data set
   * @param format whose files they are
   * @param name what their names begin with; nanoGPT's have none
   * @param shardTokens the most tokens of a file; nanoGPT has one a split
   * @param folder where they go; made if it is not there
   * @throws InputException if the format has no such ids, or the data is a mixture
   */
  public ShardExport(TokenDataset data, Format format, String name, int shardTokens, Path folder) {
    this.data = data;
    this.format = format;
    this.shardTokens = shardTokens;
    this.folder = folder;
    this.width = TokenMap.width(data.tokenizer().vocabularySize());
    if (data.train().parts().size() > 1) {
      throw new InputException(
          "data.corpus has weights, whose windows are drawn while a run trains; write each source by itself");
    }
    if (width > Short.BYTES && format != Format.LLMC) {
      throw new InputException(
          "--format %s has 16 bits for a token, and the vocabulary has %s; allowed: llmc"
              .formatted(
                  format.name().toLowerCase(Locale.ROOT), data.tokenizer().vocabularySize()));
    }
    plan(data.train(), format == Format.NANOGPT ? "train" : name + "_train_%06d", 1);
    plan(data.validation(), format == Format.NANOGPT ? "val" : name + "_val_%06d", 0);
  }

  private void plan(TokenView split, String name, int number) {
    long most = format == Format.NANOGPT ? Long.MAX_VALUE : shardTokens;
    if (format == Format.NANOGPT && split.size() > Integer.MAX_VALUE) {
      throw new InputException(
          "--format nanogpt has one file a split, here of %s tokens; allowed: up to %s, or llmc, or modded"
              .formatted(split.size(), Integer.MAX_VALUE));
    }
    int next = number;
    for (long first = 0; first < split.size(); first += parts.get(parts.size() - 1).count()) {
      int count = (int) Math.min(most, split.size() - first);
      String file = String.format(Locale.ROOT, name, next++) + ".bin";
      parts.add(new Part(file, split, first, count));
    }
  }

  /**
   * The tokens of all files.
   *
   * @return both splits
   */
  public long tokens() {
    return data.train().size() + data.validation().size();
  }

  /**
   * The bytes of all files.
   *
   * @return with headers
   */
  public long bytes() {
    long headers = format == Format.NANOGPT ? 0 : (long) parts.size() * TokenShard.HEADER;
    return tokens() * width + headers;
  }

  /**
   * The number of files.
   *
   * @return at least 2
   */
  public int files() {
    return parts.size();
  }

  /**
   * Writes the files that are not there yet.
   *
   * @param progress told of so many tokens more, those of files that were there included
   * @return the number of files written now
   * @throws InputException if the folder holds other shards, or another process writes there
   * @throws StorageException if a file cannot be written
   */
  public int write(LongConsumer progress) {
    try {
      DurableFiles.createFolder(folder.toAbsolutePath());
      try (FileChannel channel =
              FileChannel.open(
                  folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.tryLock()) {
        if (lock == null) {
          throw new InputException(folder + ": another process writes shards there");
        }
        record();
        int written = 0;
        for (Part part : parts) {
          Path file = folder.resolve(part.name());
          if (Files.exists(file) && Files.size(file) == bytes(part)) {
            progress.accept(part.count());
          } else {
            write(part, file, progress);
            written++;
          }
        }
        return written;
      } catch (OverlappingFileLockException e) {
        throw new InputException(folder + ": another process writes shards there", e);
      }
    } catch (IOException e) {
      throw new StorageException("write the shards in", folder, e);
    }
  }

  private long bytes(Part part) {
    return (format == Format.NANOGPT ? 0 : TokenShard.HEADER) + (long) part.count() * width;
  }

  /** Says what the folder holds, or finds that it holds the same. */
  private void record() throws IOException {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("format", format.name().toLowerCase(Locale.ROOT));
    facts.put("data_sha256", data.dataSha256());
    facts.put("tokenizer", data.tokenizer().identity());
    facts.put("vocab", data.tokenizer().vocabularySize());
    facts.put("train_tokens", data.train().size());
    facts.put("validation_tokens", data.validation().size());
    facts.put("files", parts.stream().map(Part::name).toList());
    facts.put("tokens", parts.stream().map(Part::count).toList());
    String text = Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(facts) + "\n";
    Path file = folder.resolve(RECORD);
    try {
      if (!Files.readString(file).equals(text)) {
        throw new InputException(
            "%s: %s says that other shards are there; allowed: a folder of its own"
                .formatted(folder, RECORD));
      }
    } catch (NoSuchFileException e) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.bin")) {
        if (found.iterator().hasNext()) {
          throw new InputException(
              "%s holds shards that are not from here; allowed: a folder of its own"
                  .formatted(folder));
        }
      }
      DurableFiles.write(file, text);
    }
    // What a run of this that was killed left behind; nobody else writes while we have the lock.
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(folder, ".*.bin.*" + DurableFiles.TEMPORARY)) {
      for (Path left : found) {
        Files.delete(left);
      }
    }
  }

  private void write(Part part, Path file, LongConsumer progress) throws IOException {
    Path temporary = DurableFiles.temporary(file);
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        if (format != Format.NANOGPT) {
          TokenShard.Layout layout =
              width == Short.BYTES ? TokenShard.Layout.UINT16 : TokenShard.Layout.UINT32;
          writeAll(channel, ByteBuffer.wrap(layout.header(part.count())));
        }
        for (long at = 0; at < part.count(); at += Census.CHUNK) {
          int here = (int) Math.min(Census.CHUNK, part.count() - at);
          writeAll(channel, TokenMap.bytes(part.split(), part.first() + at, here, width));
          progress.accept(here);
        }
        channel.force(true);
      }
      DurableFiles.publish(temporary, file);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
