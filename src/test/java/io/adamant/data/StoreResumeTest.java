package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A build of a token store that stopped anywhere is gone on with, to the same bytes. */
class StoreResumeTest {
  private static final Pattern KEPT = Pattern.compile("([0-9,]+) of them by an earlier start");

  @TempDir Path folder;
  private Path cache;
  private Path corpus;
  private Path validation;
  private final List<String> progress = new ArrayList<>();

  @BeforeEach
  void someTexts() throws IOException {
    cache = folder.resolve("cache");
    corpus = Files.createDirectories(folder.resolve("corpus"));
    Files.writeString(corpus.resolve("a.txt"), text(1, 5000));
    Files.writeString(corpus.resolve("b.txt"), text(2, 9000));
    validation = Files.writeString(folder.resolve("validation.txt"), text(3, 4000));
  }

  private static String text(int seed, int lines) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lines; i++) {
      text.append("Line %s of größe %s, and more.\n".formatted(i, random.nextInt(100_000)));
      text.append(i % 50 == 49 ? TextCorpus.SEPARATOR + "\n" : "");
    }
    return text.toString();
  }

  private StoreRecipe recipe(boolean validated) {
    Optional<Corpus> other =
        validated ? Optional.of(Corpus.of("v", validation.toString())) : Optional.empty();
    return new StoreRecipe(Corpus.of("c", corpus.toString()), other, 0.3, new BytesTokenizer());
  }

  private TokenStore open(boolean validated) {
    progress.clear();
    return TokenStore.open(recipe(validated), cache, progress::add);
  }

  private long kept() {
    long kept = 0;
    for (String line : progress) {
      Matcher matcher = KEPT.matcher(line);
      kept += matcher.find() ? Long.parseLong(matcher.group(1).replace(",", "")) : 0;
    }
    return kept;
  }

  private Path only(String ending) throws IOException {
    List<Path> found = all(ending);
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  private List<Path> all(String ending) throws IOException {
    try (Stream<Path> files = Files.list(cache.resolve("tokens"))) {
      return files.filter(file -> file.toString().endsWith(ending)).toList();
    }
  }

  /** Leaves what a build has written that stops when it says that it is through a corpus. */
  private void stopAfter(int corpora, boolean validated) {
    int[] seen = {0};
    assertThatThrownBy(
            () ->
                TokenStore.open(
                    recipe(validated),
                    cache,
                    line -> {
                      if (line.startsWith("tokenized ") && ++seen[0] == corpora) {
                        throw new IllegalStateException("stopped");
                      }
                    }))
        .hasMessage("stopped");
  }

  /** Tokens whose records are whole, stand where the records say, and lie in the file. */
  private static long whole(byte[] damaged, byte[] records, long bytes) {
    long kept = 0;
    long first = 0;
    long found = 0;
    for (int at = 0; at + TokenWriter.RECORD <= damaged.length; at += TokenWriter.RECORD) {
      int count = ByteBuffer.wrap(records).getInt(at);
      boolean same = Arrays.mismatch(damaged, at, at + 8, records, at, at + 8) < 0;
      boolean lies = StoreHeader.BYTES + 2 * (first + count) <= bytes;
      kept += same && lies && found == first ? count : 0;
      first += count;
      found += ByteBuffer.wrap(damaged).getInt(at);
    }
    return kept;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void goesOnAfterAnyMomentAndGivesTheSameBytes(boolean validated) throws IOException {
    byte[] good = Files.readAllBytes(open(validated).file());
    assertThat(kept()).isZero();
    Files.delete(only(".tokens"));
    stopAfter(validated ? 2 : 1, validated);
    Path part = only(StoreBuilder.PART);
    Path journal = only(StoreBuilder.JOURNAL);
    byte[] tokens = Files.readAllBytes(part);
    byte[] records = Files.readAllBytes(journal);
    assertThat(records.length / TokenWriter.RECORD).isBetween(8, 30);
    Random random = new Random(7);
    for (int i = 0; i < 40; i++) {
      byte[] someTokens = Arrays.copyOf(tokens, i == 0 ? 0 : random.nextInt(tokens.length + 1));
      byte[] someRecords = Arrays.copyOf(records, i == 1 ? 0 : random.nextInt(records.length + 1));
      if (i % 3 == 0 && someRecords.length > 0) { // a torn write that left other bytes
        int at = random.nextInt(someRecords.length);
        someRecords[at] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(part, someTokens);
      Files.write(journal, someRecords);
      TokenStore store = open(validated);
      assertThat(Files.readAllBytes(store.file())).as("moment " + i).isEqualTo(good);
      assertThat(kept())
          .as("moment " + i)
          .isEqualTo(whole(someRecords, records, someTokens.length));
      assertThat(all(StoreBuilder.PART)).isEmpty();
      assertThat(all(StoreBuilder.JOURNAL)).isEmpty();
      Files.delete(store.file());
    }
  }

  @Test
  void aDamagedPortionIsMadeAnew() throws IOException {
    byte[] good = Files.readAllBytes(open(false).file());
    Files.delete(only(".tokens"));
    stopAfter(1, false);
    Path part = only(StoreBuilder.PART);
    byte[] journal = Files.readAllBytes(only(StoreBuilder.JOURNAL));
    byte[] tokens = Files.readAllBytes(part);
    int first = ByteBuffer.wrap(journal).getInt(0);
    int second = ByteBuffer.wrap(journal).getInt(TokenWriter.RECORD);
    tokens[StoreHeader.BYTES + 2 * first + 4] ^= 1; // of the second
    Files.write(part, Arrays.copyOf(tokens, tokens.length + 1000)); // and a tail
    assertThat(Files.readAllBytes(open(false).file())).isEqualTo(good);
    assertThat(kept()).isEqualTo((good.length - StoreHeader.BYTES) / 2 - second);
  }

  @Test
  void anotherTextBeginsAfresh() throws IOException {
    stopAfter(1, false);
    Path part = only(StoreBuilder.PART);
    Path journal = only(StoreBuilder.JOURNAL);
    String name = part.getFileName().toString();
    Files.writeString(corpus.resolve("a.txt"), text(4, 5000)); // as long
    Path other = open(false).file();
    assertThat(kept()).isZero();
    byte[] good = Files.readAllBytes(other);
    assertThat(part).exists(); // of a text that may come back

    // Under the key of the new text, as a program that cuts it otherwise would have left it.
    Files.delete(other);
    String wanted = "." + other.getFileName() + StoreBuilder.PART;
    assertThat(wanted).isNotEqualTo(name);
    Files.move(part, part.resolveSibling(wanted));
    Files.move(journal, part.resolveSibling("." + other.getFileName() + StoreBuilder.JOURNAL));
    assertThat(Files.readAllBytes(open(false).file())).isEqualTo(good);
    assertThat(kept()).isZero();
  }

  @Test
  void badInputLeavesNothing() throws IOException {
    String text = Files.readString(corpus.resolve("b.txt"));
    Files.writeString(corpus.resolve("b.txt"), text + "a line with <|endoftext|> in it\n");
    assertThatThrownBy(() -> open(false)).hasMessageContaining("b.txt has <|endoftext|> within");
    assertThat(all("")).isEmpty();
  }

  /** Where nobody knows who else builds, a build has files of its own. */
  @Test
  void withoutLocksNothingIsGoneOnWith() throws IOException {
    byte[] good = Files.readAllBytes(open(false).file());
    Path file = only(".tokens");
    Files.delete(file);
    stopAfter(1, false);
    Path part = only(StoreBuilder.PART);
    byte[] before = Files.readAllBytes(part);
    ContentHashes hashes = new ContentHashes(cache);
    progress.clear();
    new StoreBuilder(recipe(false), hashes, progress::add)
        .build(file, recipe(false).key(hashes), false);
    assertThat(Files.readAllBytes(file)).isEqualTo(good);
    assertThat(kept()).isZero();
    assertThat(Files.readAllBytes(part)).isEqualTo(before);
    assertThat(all(".tmp")).isEmpty();
  }

  @Test
  void whatNobodyGoesOnWithIsRemovedAfterTwoWeeks() throws IOException {
    Path tokens = Files.createDirectories(cache.resolve("tokens"));
    List<Path> files = new ArrayList<>();
    for (int days : new int[] {13, 15}) {
      for (String ending : List.of(StoreBuilder.PART, StoreBuilder.JOURNAL)) {
        Path file = Files.writeString(tokens.resolve("." + days + ".tokens" + ending), "x");
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(days))));
        files.add(file);
      }
    }
    open(false);
    assertThat(files.subList(0, 2)).allMatch(Files::exists);
    assertThat(files.subList(2, 4)).noneMatch(Files::exists);
  }

  @Test
  void oneBuildsAndTheOthersWait() throws Exception {
    String key = recipe(false).key(new ContentHashes(cache));
    FileLock turn = CacheLocks.of(cache).turn(key, () -> {}).orElseThrow();
    Thread other = new Thread(() -> open(false));
    other.start();
    while (progress.isEmpty() && other.isAlive()) {
      Thread.sleep(10);
    }
    assertThat(progress)
        .containsExactly(
            "another process tokenizes %s; waiting for it"
                .formatted(recipe(false).corpus().description()));
    assertThat(cache.resolve("tokens")).doesNotExist();
    turn.release();
    other.join();
    assertThat(progress).last().asString().startsWith("tokenized corpus");
  }
}
