package io.adamant.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UserPathTest {

  private static final Map<String, String> ANNA = Map.of("HOME", "/home/anna lee");

  @Test
  void aTildeIsTheHomeFolder() {
    assertThat(UserPath.of("~/texts/a.txt", "UTF-8", ANNA, "/root"))
        .isEqualTo(Path.of("/home/anna lee/texts/a.txt"));
    assertThat(UserPath.of("~", "UTF-8", ANNA, "/root")).isEqualTo(Path.of("/home/anna lee"));
    assertThat(UserPath.of("~/x", "UTF-8", Map.of(), "/home/ben"))
        .isEqualTo(Path.of("/home/ben/x"));
    assertThat(UserPath.of("a~/~x", "UTF-8", ANNA, "/root")).isEqualTo(Path.of("a~/~x"));
    assertThat(UserPath.of("~x", "UTF-8", ANNA, "/root")).isEqualTo(Path.of("~x"));
  }

  @Test
  void noHomeIsOneLine() {
    for (String unknown : new String[] {"?", "", " "}) {
      assertThatThrownBy(() -> UserPath.home(Map.of("HOME", ""), unknown))
          .isInstanceOf(InputException.class)
          .hasMessage(
              "this user has no home folder; set HOME, or ADAMANT_CACHE to a folder for caches");
    }
  }

  @Test
  void lettersThatTheLocaleLacksNameTheLocale() {
    // What Java makes of a word of the command line that its locale cannot decode.
    assertThatThrownBy(() -> UserPath.of("fa\ufffd\ufffdade.txt", "ANSI_X3.4-1968", ANNA, ""))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("the locale's encoding ANSI_X3.4-1968 lacks; set LC_ALL=C.UTF-8");
    assertThat(UserPath.of("fa\u00e7ade.txt", "UTF-8", ANNA, ""))
        .isEqualTo(Path.of("fa\u00e7ade.txt"));
    assertThatThrownBy(() -> UserPath.of("a\0b", "UTF-8", ANNA, ""))
        .isInstanceOf(InputException.class)
        .hasMessage("'a?b' is not a path");
  }
}
