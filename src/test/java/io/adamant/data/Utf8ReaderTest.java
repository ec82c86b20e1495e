package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8ReaderTest {
  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  /** Reads bytes that come in portions of random length. */
  private static String read(byte[] bytes, boolean replace, long seed) throws IOException {
    Random random = new Random(seed);
    InputStream in =
        new ByteArrayInputStream(bytes) {
          @Override
          public synchronized int read(byte[] target, int offset, int length) {
            return super.read(target, offset, Math.min(1 + random.nextInt(7), length));
          }
        };
    Utf8Reader reader = new Utf8Reader(in, "x.txt", replace);
    StringBuilder text = new StringBuilder();
    for (int c = reader.read(); c >= 0; c = reader.read()) {
      text.append((char) c);
    }
    return text.toString();
  }

  /** Tables 3-8 to 3-11 of the Unicode standard, version 15, and what their rules say of others. */
  @ParameterizedTest
  @CsvSource({
    "C0 AF E0 80 BF F0 81 82 41, ????????A",
    "ED A0 80 ED BF BF ED AF 41, ????????A",
    "F4 91 92 93 FF 41 80 BF 42, ?????A??B",
    "E1 80 E2 F0 91 92 F1 BF 41, ????A",
    "41 ED A0, A??",
    "41 E1 80, A?",
    "41 F0 9F 98, A?",
    "F0 90 41, ?A",
    "C3, ?",
    "F8 88 80 80 80, ?????",
    "F4 8F BF, ?",
    "80 EF BB BF 41, ?\ufeffA",
  })
  void oneReplacementStandsForEachMaximalSubpart(String hex, String text) throws IOException {
    for (int seed = 0; seed < 20; seed++) {
      assertThat(read(bytes(hex), true, seed)).isEqualTo(text.replace('?', '\ufffd'));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "C0 80",
        "C1 BF",
        "E0 9F BF",
        "F0 8F BF BF", // longer than needed
        "ED A0 80",
        "ED BF BF",
        "ED A0 80 ED B0 80", // surrogates
        "F4 90 80 80",
        "F5 80 80 80",
        "F8 88 80 80 80",
        "FE",
        "FF", // above U+10FFFF
        "80",
        "BF",
        "C3",
        "E6 BC",
        "F0 9F 98",
        "C3 41",
        "E6 BC 41",
        "F0 9F 98 41" // not whole
      })
  void whatIsNotUtf8IsRefusedWithItsPlace(String hex) {
    for (int before : new int[] {0, 1, 16_383, 16_384, 131_071}) {
      byte[] bytes = new byte[before + bytes(hex).length];
      Arrays.fill(bytes, (byte) 'a');
      System.arraycopy(bytes(hex), 0, bytes, before, bytes(hex).length);
      String byteAt = "byte 0x" + hex.substring(0, 2).toLowerCase(java.util.Locale.ROOT);
      assertThatThrownBy(() -> read(bytes, false, before))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(byteAt + " at byte offset " + before + ";");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "41",
        "7F",
        "C2 80",
        "DF BF",
        "E0 A0 80",
        "ED 9F BF",
        "EE 80 80",
        "EF BF BF",
        "F0 90 80 80",
        "F4 8F BF BF"
      })
  void theEndsOfEveryRangeAreText(String hex) throws IOException {
    String text = new String(bytes(hex), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(read(bytes(hex), false, 1)).isEqualTo(text).doesNotContain("\ufffd");
    assertThat(read(bytes(hex), true, 2)).isEqualTo(text);
  }

  @Test
  void replacesAsTheEncodingStandardDoes() throws IOException {
    Random random = new Random(11);
    int[] leads = {0xc3, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0x41, 0x80, 0x8f, 0x9f};
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = new byte[random.nextInt(30)];
      for (int at = 0; at < bytes.length; at++) {
        boolean chosen = random.nextBoolean();
        int any = chosen ? leads[random.nextInt(leads.length)] : 0x80 + random.nextInt(0x40);
        bytes[at] = (byte) any;
      }
      assertThat(read(bytes, true, i)).as(HexFormat.of().formatHex(bytes)).isEqualTo(decode(bytes));
    }
  }

  /** The decoder of the Encoding Standard, section 8.1.1, as it stands there. */
  private static String decode(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    int point = 0;
    int seen = 0;
    int needed = 0;
    int lower = 0x80;
    int upper = 0xbf;
    for (int at = 0; at <= bytes.length; at++) {
      int b = at < bytes.length ? bytes[at] & 0xff : -1;
      if (needed == 0) {
        if (b >= 0 && b <= 0x7f) {
          text.append((char) b);
        } else if (b >= 0xc2 && b <= 0xf4) {
          needed = b <= 0xdf ? 1 : b <= 0xef ? 2 : 3;
          lower = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
          upper = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
          point = b & (b <= 0xdf ? 0x1f : b <= 0xef ? 0xf : 7);
        } else if (b >= 0) {
          text.append('\ufffd');
        }
      } else if (b < lower || b > upper) {
        needed = 0;
        seen = 0;
        lower = 0x80;
        upper = 0xbf;
        text.append('\ufffd');
        at--; // the byte is read again
        if (b < 0) {
          break;
        }
      } else {
        lower = 0x80;
        upper = 0xbf;
        point = (point << 6) | (b & 0x3f);
        if (++seen == needed) {
          text.appendCodePoint(point);
          needed = 0;
          seen = 0;
        }
      }
    }
    return text.toString();
  }

  @Test
  void aZeroByteIsRefusedInEveryMode() {
    for (boolean replace : new boolean[] {false, true}) {
      byte[] bytes = bytes("C3 A9 41 F0 9F 98 80 00 41");
      assertThatThrownBy(() -> read(bytes, replace, 3))
          .hasMessageContaining("a zero byte at byte offset 7;");
    }
    assertThatThrownBy(() -> read(bytes("FF C3 A9 00"), true, 3))
        .hasMessageContaining("a zero byte at byte offset 3;");
  }
}
