package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenStoreTest {
  @TempDir Path folder;
  private Path cache;
  private Path text;
  private final List<String> progress = new ArrayList<>();

  @BeforeEach
  void aText() throws IOException {
    cache = folder.resolve("cache");
    text = Files.writeString(folder.resolve("a.txt"), "one two three\n<|endoftext|>\nfour\n");
  }

  private StoreRecipe recipe(Tokenizer tokenizer) {
    Corpus corpus = Corpus.of("data.corpus", text.toString());
    return new StoreRecipe(corpus, Optional.empty(), 0.3, tokenizer);
  }

  private TokenStore open() {
    progress.clear();
    return TokenStore.open(recipe(new BytesTokenizer()), cache, progress::add);
  }

  private static long[] all(TokenView view) {
    long[] tokens = new long[(int) view.size()];
    view.read(0, tokens.length, tokens, 0);
    return tokens;
  }

  @Test
  void keepsTokensAndSplit() {
    TokenStore store = open();
    String train = "one two three\n";
    assertThat(all(store.train())).containsExactly(bytes(train, true));
    assertThat(all(store.validation())).containsExactly(bytes("four\n", true));
    assertThat(store.statistics().trainDocuments()).isEqualTo(1);
    assertThat(store.statistics().validationDocuments()).isEqualTo(1);
    assertThat(store.vocabularySize()).isEqualTo(257);
    assertThat(progress).singleElement().asString().startsWith("tokenized a.txt: 21 tokens");
    assertThatThrownBy(() -> store.validation().read(3, 4, new long[9], 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  private static long[] bytes(String text, boolean end) {
    return Stream.concat(
            text.chars().mapToObj(c -> (long) c), end ? Stream.of(256L) : Stream.empty())
        .mapToLong(Long::longValue)
        .toArray();
  }

  @Test
  void opensWithoutTokenizingAgain() {
    TokenStore first = open();
    TokenStore second = open();
    assertThat(progress).isEmpty();
    assertThat(second.dataSha256()).isEqualTo(first.dataSha256());
    assertThat(second.statistics()).isEqualTo(first.statistics());
  }

  @Test
  void theDataHashIsOfTokensAndSplitOnly() throws IOException {
    String first = open().dataSha256();
    Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
    text = Files.move(text, elsewhere.resolve("b.txt"));
    assertThat(open().dataSha256()).isEqualTo(first);
    StoreRecipe half =
        new StoreRecipe(
            Corpus.of("c", text.toString()), Optional.empty(), 0.8, new BytesTokenizer());
    assertThat(TokenStore.open(half, cache, progress::add).dataSha256()).isNotEqualTo(first);
    Files.writeString(text, "one two threE\n<|endoftext|>\nfour\n");
    assertThat(open().dataSha256()).isNotEqualTo(first);
  }

  @Test
  void noticesEveryDamagedByteAndRebuilds() throws IOException {
    TokenStore whole = open();
    byte[] good = Files.readAllBytes(whole.file());
    for (int at = 0; at < good.length; at++) {
      byte[] bad = good.clone();
      bad[at] ^= 0x10;
      Files.delete(whole.file()); // a new file: the old mapping must not change under its reader
      Files.write(whole.file(), bad);
      assertThat(all(open().train())).isEqualTo(all(whole.train()));
      assertThat(progress).as("byte " + at).anyMatch(line -> line.endsWith("building it again"));
      assertThat(Files.readAllBytes(whole.file())).isEqualTo(good);
    }
  }

  @Test
  void noticesATruncatedOrLongerFileAndRebuilds() throws IOException {
    TokenStore whole = open();
    byte[] good = Files.readAllBytes(whole.file());
    for (int length : new int[] {0, 1, 255, 256, good.length - 1, good.length + 1}) {
      Files.delete(whole.file());
      Files.write(whole.file(), java.util.Arrays.copyOf(good, length));
      assertThat(all(open().validation())).isEqualTo(all(whole.validation()));
      assertThat(progress.get(0)).as("length " + length).contains("building it again");
    }
  }

  @Test
  void buildersAtOnceAllSucceed() throws Exception {
    StringBuilder longText = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      longText.append("line ").append(i).append('\n');
    }
    Files.writeString(text, longText);
    int builders = 6;
    CyclicBarrier start = new CyclicBarrier(builders);
    ExecutorService threads = Executors.newFixedThreadPool(builders);
    Callable<String> build =
        () -> {
          start.await();
          return TokenStore.open(recipe(new BytesTokenizer()), cache, line -> {}).dataSha256();
        };
    List<String> hashes = new ArrayList<>();
    for (Future<String> future :
        threads.invokeAll(java.util.Collections.nCopies(builders, build))) {
      hashes.add(future.get());
    }
    threads.shutdown();
    assertThat(hashes).hasSize(builders).containsOnly(hashes.get(0));
    assertThat(files()).hasSize(1);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(cache.resolve("tokens"))) {
      return files.toList();
    }
  }

  @Test
  void aFailedBuildLeavesNothingAndAnAbandonedOneIsRemoved() throws IOException {
    Files.createDirectories(cache.resolve("tokens"));
    Path old = Files.writeString(cache.resolve("tokens/x.tokens.1.tmp"), "x");
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    Path young = Files.writeString(cache.resolve("tokens/y.tokens.2.tmp"), "y");
    Files.write(text, new byte[] {'a', (byte) 0xff});
    assertThatThrownBy(this::open).isInstanceOf(InputException.class);
    assertThat(files()).containsExactly(young);
  }

  @Test
  void aTextThatATokenizerCannotEncodeIsBadInputAndLeavesNothing() throws IOException {
    Path json =
        Files.writeString(
            folder.resolve("words.json"),
            """
            {"version": "1.0", "pre_tokenizer": {"type": "Whitespace"},
             "added_tokens": [{"id": 2, "content": "</s>", "single_word": false, "lstrip": false,
               "rstrip": false, "normalized": false, "special": true}],
             "model": {"type": "WordLevel", "unk_token": "?", "vocab": {"one": 0, "two": 1}}}
            """);
    try (Tokenizer tokenizer = Tokenizer.of(json.toString(), 0)) {
      assertThatThrownBy(() -> TokenStore.open(recipe(tokenizer), cache, line -> {}))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("words.json cannot encode a text");
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void refusesACacheThatCannotBeWritten() throws IOException {
    cache = Files.writeString(folder.resolve("blocked"), "a file where a folder should be");
    assertThatThrownBy(this::open)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("cannot write the tokens in " + cache + "/tokens: Not a directory")
        .hasMessageContaining("set ADAMANT_CACHE")
        .message()
        .doesNotContain("\n");
  }

  /** A vocabulary above 65,536 needs four bytes a token. */
  @Test
  void keepsLargeVocabularies() throws IOException {
    Path json =
        Files.writeString(
            folder.resolve("words.json"),
            """
            {"version": "1.0", "pre_tokenizer": {"type": "Whitespace"},
             "added_tokens": [{"id": 2, "content": "<|endoftext|>", "single_word": false,
               "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
             "model": {"type": "WordLevel", "unk_token": "unknown",
               "vocab": {"unknown": 0, "one": 1, "two": 70000, "three": 65536, "four": 65535}}}
            """);
    try (Tokenizer tokenizer = Tokenizer.of(json.toString(), 70_001)) {
      TokenStore store = TokenStore.open(recipe(tokenizer), cache, line -> {});
      assertThat(all(store.train())).containsExactly(1, 70_000, 65_536, 2);
      assertThat(all(store.validation())).containsExactly(65_535, 2);
    }
  }

  @Test
  void readsAcrossSegments() throws IOException {
    int[] tokens = new int[1000];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = 65 * i;
    }
    for (int width : new int[] {2, 4}) {
      Path file = folder.resolve("map" + width);
      try (FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.allocate(12));
        TokenWriter writer = new TokenWriter(channel, 12, width);
        writer.write(tokens);
        TokenMap map = TokenMap.of(channel, 12, tokens.length, width, 128);
        TokenView view = map.part(3, 990);
        for (int start = 0; start < 890; start += 7) {
          long[] read = new long[102];
          view.read(start, 100, read, 1);
          for (int i = 0; i < 100; i++) {
            assertThat(read[1 + i]).isEqualTo(65L * (3 + start + i));
          }
          assertThat(map.get(start)).isEqualTo(65 * start);
          assertThat(read[0] + read[101]).isZero();
        }
      }
    }
  }
}
