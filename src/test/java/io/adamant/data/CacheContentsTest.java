package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.adamant.base.ChildJvm;
import io.adamant.data.CacheContents.Entry;
import io.adamant.data.CacheContents.Kind;
import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheContentsTest {
  @TempDir Path folder;
  private Path cache;
  private Path text;

  @BeforeEach
  void aText() throws IOException {
    cache = folder.resolve("cache");
    text = Files.writeString(folder.resolve("größe und länge, ein Text.txt"), "one\ntwo\n");
  }

  private StoreRecipe recipe() {
    Corpus corpus = Corpus.of("data.corpus", text.toString());
    return new StoreRecipe(corpus, Optional.empty(), 0.3, new BytesTokenizer());
  }

  /** A store that no process of this machine has open. */
  private Path store() throws IOException {
    Path built = TokenStore.open(recipe(), folder.resolve("other"), line -> {}).file();
    Path store = cache.resolve("tokens").resolve(built.getFileName());
    Files.createDirectories(store.getParent());
    return Files.copy(built, store, StandardCopyOption.REPLACE_EXISTING);
  }

  private Path file(String name, Duration age) throws IOException {
    Path file = cache.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "0123456789");
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
    return file;
  }

  private List<Entry> entries() {
    return new CacheContents(cache).entries();
  }

  private List<String> all() throws IOException {
    try (Stream<Path> files = Files.walk(cache)) {
      return files
          .filter(file -> !Files.isDirectory(file))
          .map(file -> cache.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void listsAndRemovesWhatNobodyUses() throws IOException {
    Duration old = Duration.ofDays(30);
    Path store = store();
    String part = "tokens/.0123456789abcdef0123456789abcdef.tokens";
    file(part + ".part", old);
    file(part + ".journal", old);
    file("tokens/.x.tokens.1.tmp", Duration.ZERO);
    file("tokens/.y.tokens.2.tmp", old);
    file("shards/1.census", old);
    file("shards/2.census", Duration.ofDays(1));
    file("derived/1.parts", old);
    file("overlaps/1.json", old);
    file("hashes/1.txt", old);
    file("libraries/parquet-1/dependency/a.jar", old);
    file("libraries/parquet-1/pom.xml", old);
    for (String build : List.of("old", "new")) {
      file("builds/" + build + "/adamant.jar", old);
      file("builds/" + build + "/used", build.equals("old") ? old : Duration.ofHours(1));
      Files.createSymbolicLink(
          cache.resolve("builds").resolve(build).resolve("lib"), Path.of("../lib-" + build));
      file("builds/lib-" + build + "/b.jar", old);
    }
    file("builds/lib-lost/b.jar", old);
    file("builds/lock", old);
    file("engine-fit.json", old);
    file("notes.txt", old);
    file("tokens/mine.txt", old);
    String about = "größe und länge, ein Text.txt, 9 tokens of 257";
    assertThat(entries())
        .extracting(Entry::kind, Entry::about, Entry::bytes, Entry::inUse)
        .contains(
            tuple(Kind.TOKENS, about, 256 + 2 * 9L, false),
            tuple(Kind.UNFINISHED, "what the next start goes on with", 20L, false),
            tuple(Kind.UNFINISHED, "what nobody goes on with", 10L, false),
            tuple(Kind.UNFINISHED, "what nobody goes on with", 10L, true),
            tuple(Kind.FACTS, "token shards that were checked", 20L, false),
            tuple(Kind.FACTS, "documents that are held out", 10L, false),
            tuple(Kind.FACTS, "documents that repeat", 10L, false),
            tuple(Kind.HASHES, "hashes of files", 10L, false),
            tuple(Kind.LIBRARY, "parquet-1", 20L, false),
            tuple(Kind.MEASUREMENT, "engine-fit", 10L, false))
        .hasSize(10 + 5);
    assertThat(entries())
        .filteredOn(entry -> entry.kind() == Kind.BUILD)
        .extracting(entry -> entry.files().get(0).getFileName().toString(), Entry::inUse)
        .containsExactlyInAnyOrder(
            tuple("old", false),
            tuple("new", true),
            tuple("lib-old", true),
            tuple("lib-new", true),
            tuple("lib-lost", false));
    Entry shards =
        entries().stream().filter(entry -> entry.kind() == Kind.FACTS).findFirst().orElseThrow();
    assertThat(shards.used()).isBetween(Instant.now().minus(Duration.ofDays(2)), Instant.now());

    CacheContents contents = new CacheContents(cache);
    assertThat(entries()).allMatch(entry -> contents.remove(entry) != entry.inUse());
    assertThat(store).doesNotExist();
    assertThat(all())
        .containsExactly(
            ".lock",
            "builds/lib-new/b.jar",
            "builds/lib-old/b.jar",
            "builds/lock",
            "builds/new/adamant.jar",
            "builds/new/used",
            "notes.txt",
            "tokens/.x.tokens.1.tmp",
            "tokens/mine.txt");
    assertThat(entries().stream().filter(contents::remove)).hasSize(1); // lib-old
  }

  @Test
  void neverRemovesAStoreThatIsUsedOrBuilt() throws Exception {
    Path store = store();
    Entry before = entries().get(0);
    TokenStore.open(recipe(), cache, line -> {});
    assertThat(entries().get(0).inUse()).isTrue();
    assertThat(new CacheContents(cache).remove(before)).as("taken since it was listed").isFalse();
    assertThat(store).exists();

    String key = "fedcba9876543210fedcba9876543210";
    file("tokens/." + key + ".tokens.part", Duration.ZERO);
    Entry part = entries().get(1);
    assertThat(part.inUse()).isFalse();
    try (FileLock turn = CacheLocks.of(cache).turn(key, () -> {}).orElseThrow()) {
      assertThat(turn.isValid()).isTrue();
      assertThat(entries().get(1).inUse()).isTrue();
      assertThat(new CacheContents(cache).remove(part)).isFalse();
    }
    assertThat(new CacheContents(cache).remove(part)).isTrue();
  }

  /** Holds a store as a run does. */
  static final class Reader {
    private Reader() {}

    public static void main(String[] args) throws IOException {
      Corpus corpus = Corpus.of("data.corpus", args[0]);
      StoreRecipe recipe = new StoreRecipe(corpus, Optional.empty(), 0.3, new BytesTokenizer());
      TokenStore.open(recipe, Path.of(args[1]), line -> {});
      TokenStore.open(recipe, Path.of(args[1]), line -> {}); // the first one's lock stays
      System.out.println("open");
      System.in.read();
    }
  }

  @Test
  void seesWhatOtherProcessesUse() throws Exception {
    Process reader =
        ChildJvm.of(Reader.class, text.toString(), cache.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(reader.inputReader().readLine()).isEqualTo("open");
    assertThat(entries()).filteredOn(entry -> entry.kind() == Kind.TOKENS).allMatch(Entry::inUse);
    reader.destroyForcibly();
    assertThat(reader.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(entries()).filteredOn(entry -> entry.kind() == Kind.TOKENS).noneMatch(Entry::inUse);
  }

  @Test
  void openingAStoreIsItsLastUse() throws IOException {
    Path store = store();
    Files.setLastModifiedTime(store, FileTime.from(Instant.now().minus(Duration.ofDays(40))));
    assertThat(entries().get(0).used()).isBefore(Instant.now().minus(Duration.ofDays(39)));
    TokenStore.open(recipe(), cache, line -> {});
    assertThat(entries().get(0).used()).isAfter(Instant.now().minus(Duration.ofMinutes(1)));
  }

  @Test
  void aCacheThatIsNotThereHoldsNothingAndIsNotMade() {
    assertThat(entries()).isEmpty();
    assertThat(cache).doesNotExist();
  }
}
