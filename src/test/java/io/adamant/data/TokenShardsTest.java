package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.adamant.base.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Token ids in the files of other programs. */
class TokenShardsTest {
  private static final Path SHARED = Path.of("../shared/corpora/formats");
  private static final int GPT2 = 50_257;

  private final List<String> progress = new ArrayList<>();

  @TempDir Path folder;

  /** Bytes as the formats' descriptions have them, without the code under test. */
  private static byte[] bytes(int magic, int version, int count, int width, int... ids) {
    int header = magic == 0 ? 0 : 1024;
    ByteBuffer out =
        ByteBuffer.allocate(header + ids.length * width).order(ByteOrder.LITTLE_ENDIAN);
    if (magic != 0) {
      out.putInt(magic).putInt(version).putInt(count).position(header);
    }
    for (int id : ids) {
      if (width == 2) {
        out.putShort((short) id);
      } else {
        out.putInt(id);
      }
    }
    return out.array();
  }

  private static byte[] bare(int... ids) {
    return bytes(0, 0, 0, 2, ids);
  }

  private static byte[] shard(int... ids) {
    return bytes(20240520, 1, ids.length, 2, ids);
  }

  /** Ids as of text: each document ends in end-of-text. */
  private static int[] ids(int count, int seed) {
    return IntStream.range(0, count)
        .map(i -> i % 50 == 49 ? GPT2 - 1 : Math.floorMod((i + seed) * 7919, GPT2))
        .toArray();
  }

  private Path write(String name, byte[] content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, content);
  }

  private TokenDataset open(String corpus, String validation, String tokenizer, int vocab) {
    Optional<String> other = validation.isEmpty() ? Optional.empty() : Optional.of(validation);
    DatasetSpec spec = new DatasetSpec(corpus, tokenizer, vocab, other, 0.1);
    return TokenDataset.open(spec, folder.resolve("cache"), progress::add);
  }

  private TokenDataset open(Path corpus) {
    return open(corpus.toString(), "", "gpt2", GPT2);
  }

  private static int[] read(TokenView view) {
    long[] tokens = new long[(int) view.size()];
    view.read(0, tokens.length, tokens, 0);
    return Arrays.stream(tokens).mapToInt(Math::toIntExact).toArray();
  }

  private static int[] joined(int[]... parts) {
    return Stream.of(parts).flatMapToInt(Arrays::stream).toArray();
  }

  @Test
  void aDirectoryOfNanoGptIsValidatedOnItsOwnFile() throws IOException {
    write("set/train.bin", bare(ids(400, 1)));
    write("set/val.bin", bare(ids(100, 2)));
    write("set/prepare.py", "print()".getBytes(StandardCharsets.UTF_8));
    try (TokenDataset data = open(folder.resolve("set"))) {
      assertThat(read(data.train())).isEqualTo(ids(400, 1));
      assertThat(read(data.validation())).isEqualTo(ids(100, 2));
      assertThat(data.statistics().trainDocuments()).isEqualTo(8);
      assertThat(data.statistics().validationDocuments()).isEqualTo(2);
    }
  }

  @Test
  void patternsListsAndFilesGiveTheSameTokens() throws IOException {
    write("s/a_train_000001.bin", shard(ids(300, 1)));
    write("s/a_train_000002.bin", shard(ids(200, 2)));
    write("s/a_val_000000.bin", shard(ids(100, 3)));
    Path all = folder.resolve("s");
    List<String> hashes = new ArrayList<>();
    String list =
        "[\"%1$s/a_train_000001.bin\", \"%1$s/a_train_000002.bin\"]".formatted(all.toString());
    for (String corpus : List.of(all.toString(), all + "/a_train_*.bin", list)) {
      try (TokenDataset data = open(corpus, all + "/a_val_*.bin", "gpt2", GPT2)) {
        assertThat(read(data.train())).isEqualTo(joined(ids(300, 1), ids(200, 2)));
        assertThat(read(data.validation())).isEqualTo(ids(100, 3));
        hashes.add(data.dataSha256());
      }
    }
    try (TokenDataset data = open(all)) {
      hashes.add(data.dataSha256());
    }
    assertThat(hashes).hasSize(4).containsOnly(hashes.get(0));
  }

  /** A text of bytes and the same ids as shards: one identity, one split, one cross-entropy. */
  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void shardsAreTheSameDataAsTheTextTheyWereMadeOf(int width) throws IOException {
    StringBuilder text = new StringBuilder();
    List<Integer> ids = new ArrayList<>();
    for (int document = 0; document < 40; document++) {
      String line = "document " + document + " of forty\n";
      text.append(line).append("<|endoftext|>\n");
      line.chars().forEach(ids::add);
      ids.add(256);
    }
    Path plain = write("text.txt", text.toString().getBytes(StandardCharsets.UTF_8));
    int[] all = ids.stream().mapToInt(Integer::intValue).toArray();
    int[] first = Arrays.copyOf(all, 333);
    int[] second = Arrays.copyOfRange(all, 333, all.length);
    boolean wide = width == 4;
    int magic = wide ? 20240801 : 20240520;
    write("ids/1.bin", bytes(magic, wide ? 7 : 1, first.length, width, first));
    write("ids/2.bin", bytes(magic, wide ? 7 : 1, second.length, width, second));
    try (TokenDataset expected = open(plain.toString(), "", "bytes", 257);
        TokenDataset found = open(folder.resolve("ids").toString(), "", "bytes", 257)) {
      assertThat(read(found.train())).isEqualTo(read(expected.train()));
      assertThat(read(found.validation())).isEqualTo(read(expected.validation()));
      assertThat(found.statistics())
          .usingRecursiveComparison()
          .ignoringFields("validationText") // which ids alone do not tell
          .isEqualTo(expected.statistics());
      assertThat(found.dataSha256()).isEqualTo(expected.dataSha256());
    }
  }

  @Test
  void largeVocabulariesNeedThirtyTwoBits() throws IOException {
    int[] ids = IntStream.range(0, 500).map(i -> 127_000 - i * 200).toArray();
    Path file = write("llama.bin", bytes(20240801, 7, 500, 4, ids));
    try (TokenDataset data = open(file.toString(), "", "none", 128_256)) {
      assertThat(joined(read(data.train()), read(data.validation()))).isEqualTo(ids);
      assertThat(data.validation().size()).isEqualTo(50);
      assertThat(data.statistics().documents()).isZero();
    }
  }

  @Test
  void nothingIsCopiedAndWhatWasCheckedIsRemembered() throws IOException {
    Path file = write("train.bin", bare(ids(400, 1)));
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(60)));
    String hash;
    try (TokenDataset data = open(file)) {
      hash = data.dataSha256();
    }
    try (TokenDataset data = open(file)) {
      assertThat(data.dataSha256()).isEqualTo(hash);
    }
    assertThat(progress).singleElement().asString().contains("400 token ids");
    assertThat(folder.resolve("cache/tokens")).doesNotExist();
    Files.write(file, bare(ids(400, 2)));
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(60)));
    try (TokenDataset data = open(file)) {
      assertThat(data.dataSha256()).isNotEqualTo(hash);
    }
  }

  /** As the other loader reads: no batch crosses a file's end, and a file's last few are left. */
  @Test
  void fileOrderWalksTheFilesFromTheFirstTokenOn() throws IOException {
    int batch = 3;
    int context = 4;
    int[] first = ids(12 * 4 + 12, 1); // a token short of five batches
    int[] second = ids(12 * 2 + 1, 2);
    write("s/train_1.bin", shard(first));
    write("s/train_2.bin", shard(second));
    write("s/val.bin", shard(ids(100, 3)));
    List<int[]> expected = new ArrayList<>();
    for (int[] file : List.of(first, second)) {
      for (int at = 0; at + batch * context + 1 <= file.length; at += batch * context) {
        expected.add(Arrays.copyOfRange(file, at, at + batch * context + 1));
      }
    }
    assertThat(expected).hasSize(6);
    try (TokenDataset data = open(folder.resolve("s"))) {
      Batches batches = Batches.inFileOrder(data.train(), batch, context);
      assertThat(batches.windowsPerEpoch()).isEqualTo(18);
      assertThat(batches.epochs(12L * batch)).isEqualTo(2);
      long[] inputs = new long[batch * context];
      long[] targets = new long[batch * context];
      for (int step = 0; step < 13; step++) {
        batches.fill(step, 0, batch, inputs, targets);
        int[] buffer = expected.get(step % 6);
        assertThat(inputs).isEqualTo(longs(buffer, 0));
        assertThat(targets).isEqualTo(longs(buffer, 1));
        long[] row = new long[context];
        batches.fill(step, 1, 1, row, new long[context]);
        assertThat(row).isEqualTo(Arrays.copyOfRange(inputs, context, 2 * context));
      }
      assertThatThrownBy(() -> Batches.inFileOrder(data.train(), 5, 5))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("file 2 of 2 has 25 tokens, a step of 5 sequences reads 26");
    }
  }

  private static long[] longs(int[] buffer, int from) {
    return Arrays.stream(buffer, from, from + buffer.length - 1).asLongStream().toArray();
  }

  @Test
  void aHeldOutEndIsNotReadInFileOrder() throws IOException {
    write("s/1.bin", shard(ids(100, 1)));
    write("s/2.bin", shard(ids(100, 2)));
    try (TokenDataset data = open(folder.resolve("s"))) {
      assertThat(data.train().files()).hasSize(2);
      int[] read = joined(read(data.train().files().get(0)), read(data.train().files().get(1)));
      assertThat(read).isEqualTo(read(data.train()));
      assertThat(joined(read, read(data.validation()))).isEqualTo(joined(ids(100, 1), ids(100, 2)));
    }
  }

  @Test
  void aMixtureMayHaveShardsAndText() throws IOException {
    Path text = write("a.txt", "some text of ours\n".repeat(40).getBytes(StandardCharsets.UTF_8));
    Path ids = write("b.bin", bare(IntStream.range(0, 500).map(i -> i % 257).toArray()));
    String corpus =
        "[{\"path\": \"%s\", \"weight\": 1}, {\"path\": \"%s\", \"weight\": 3}]"
            .formatted(text, ids);
    try (TokenDataset data = open(corpus, "", "bytes", 257)) {
      assertThat(data.train().parts()).hasSize(2);
      assertThatThrownBy(() -> Batches.inFileOrder(data.train(), 1, 8))
          .isInstanceOf(InputException.class)
          .hasMessage(
              "data.order is file; allowed: shuffled where data.corpus has weights, whose windows are drawn");
    }
  }

  private void assertRefused(Path file, int vocab, String message) {
    assertThatThrownBy(() -> open(file.toString(), "", "none", vocab).close())
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void whatIsNoWholeShardIsRefusedWithItsPlace() throws IOException {
    int[] ids = ids(500, 1);
    byte[] good = shard(ids);
    assertRefused(
        write("a.bin", bytes(20240521, 1, 500, 2, ids)), GPT2, "magic 20240521, at byte 0");
    assertRefused(write("b.bin", bytes(20240520, 7, 500, 2, ids)), GPT2, "version 7, at byte 4");
    assertRefused(write("c.bin", bytes(20240801, 1, 500, 4, ids)), GPT2, "version 1, at byte 4");
    for (int count : new int[] {499, 501}) {
      assertRefused(
          write("d.bin", bytes(20240520, 1, count, 2, ids)),
          GPT2,
          "a count of "
              + count
              + " tokens, at byte 8, and 1000 bytes after its header, at byte 1024");
    }
    for (int count : new int[] {0, -1}) {
      assertRefused(
          write("e.bin", bytes(20240520, 1, count, 2, ids)), GPT2, "count of " + count + " tokens");
    }
    assertRefused(write("f.bin", Arrays.copyOf(good, 100)), GPT2, "ends at byte 100, within");
    assertRefused(write("g.bin", new byte[100]), GPT2, "zeros from byte 12 to byte 100");
    assertRefused(write("h.bin", Arrays.copyOf(bare(ids), 999)), GPT2, "odd number of bytes, 999");
    assertRefused(write("i.bin", new byte[0]), GPT2, "is empty");
    assertRefused(write("j.bin", bytes(20240522, 1, 10, 2, ids)), GPT2, "multiple-choice");
    assertRefused(
        write("k.bin", bare(5, 6, 50_256, 7)), 50_256, "token 2, at byte 4, is 50256; expected");
    assertRefused(write("l.bin", shard(5, 6, 50_256)), 50_256, "token 2, at byte 1028, is 50256");
    assertRefused(
        write("m.bin", bytes(20240801, 7, 3, 4, 1, -1, 2)), 128_256, "byte 1028, is 4294967295");
  }

  /** The first of many in the second of two files, whichever thread finds which. */
  @Test
  void theFirstIdBeyondTheVocabularyIsNamed() throws IOException {
    int[] many = IntStream.range(0, 9_000_000).map(i -> i > 4_200_123 ? 65 : 3).toArray();
    write("s/1.bin", shard(ids(70, 1)));
    Path file = write("s/2.bin", shard(many));
    for (int round = 0; round < 3; round++) {
      assertThatThrownBy(() -> open("[\"%s\", \"%s\"]".formatted(file, file), "", "none", 65))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith(file + ": token 4200124, at byte 8401272, is 65");
    }
  }

  @Test
  void textAndIdsAreNotReadOneAfterTheOther() throws IOException {
    Path text = write("both/a.txt", "text\n".repeat(50).getBytes(StandardCharsets.UTF_8));
    Path ids = write("both/b.bin", bare(ids(100, 1)));
    for (String corpus : List.of(folder.resolve("both").toString(), list(text, ids))) {
      assertThatThrownBy(() -> open(corpus, "", "gpt2", GPT2))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("b.bin holds token ids and ")
          .hasMessageContaining("a.txt does not");
    }
    assertThatThrownBy(() -> open(ids.toString(), text.toString(), "gpt2", GPT2))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("data.validation_corpus: one of b.bin and a.txt is token shards");
    assertThatThrownBy(() -> open(text.toString(), "", "none", 65))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("data.tokenizer: 'none' makes no tokens of the text a.txt");
  }

  private static String list(Path... files) {
    return Stream.of(files).map(each -> "\"" + each + "\"").toList().toString();
  }

  @Test
  void aTextMayBeCalledBin() throws IOException {
    Path text =
        write("text.bin", "A text of letters, zz.\n".repeat(20).getBytes(StandardCharsets.UTF_8));
    try (TokenDataset data = open(text.toString(), "", "bytes", 257)) {
      assertThat(data.statistics().documents()).isEqualTo(1);
    }
  }

  @Test
  void theSetsOfTwoProgramsAreTheSameTokens() {
    assumeTrue(Files.isDirectory(SHARED), "needs the shared corpora");
    try (TokenDataset bare = open(SHARED.resolve("plays-nanogpt"));
        TokenDataset shards = open(SHARED.resolve("plays-shards"))) {
      assertThat(bare.train().size()).isEqualTo(61_289);
      assertThat(bare.validation().size()).isEqualTo(6_810);
      assertThat(shards.dataSha256()).isEqualTo(bare.dataSha256());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "magic, magic 20240521",
    "version, version 9",
    "count-larger, count of 5000",
    "count-smaller, count of 100",
    "ids-beyond-50304, expected: ids below data.vocab",
    "short-header, zeros from byte 12",
    "odd-length, odd number of bytes"
  })
  void badSharedShardsAreRefused(String name, String message) {
    assumeTrue(Files.isDirectory(SHARED), "needs the shared corpora");
    assertRefused(SHARED.resolve("plays-bad").resolve(name + ".bin"), 50_304, message);
  }
}
