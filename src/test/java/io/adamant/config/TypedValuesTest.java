package io.adamant.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was typed after {@code --set} is what is used. */
class TypedValuesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "my text #3 (old).txt",
        "#1.txt",
        "vol. 2: letters.txt",
        "[draft] poems.txt",
        "{a}/b.txt",
        "'quoted' and \"quoted\".txt",
        "\"all of it\"",
        "it's.txt",
        "007",
        "0x10",
        "1e3",
        "yes",
        "null",
        "~",
        "~/texts",
        "- item",
        "!tag &anchor *alias",
        "%40 @ `x` | > ? , ;",
        " spaces at both ends ",
        "a\\tb\\nc",
        "key: [1, 2]",
        "größe ελ 日本 😀.txt",
      })
  void aTextIsUsedToTheLastCharacter(String typed) {
    RunConfig run = Configs.parseRun("{}", List.of("data.corpus=" + typed));
    assertThat(run.data().corpus()).isEqualTo(typed);
    assertThat(Configs.parseRun(Configs.toYaml(run), List.of())).isEqualTo(run);

    StudyConfig study =
        Configs.parseStudy(
            "{name: s, base: {}, arms: {a: {}}}", List.of("base.data.corpus=" + typed));
    assertThat(study.plan().get(0).config().data().corpus()).isEqualTo(typed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"\"", "''"})
  void twoQuotesOrNothingAreTheEmptyText(String typed) {
    String yaml = "data: {validation_corpus: a.txt}";
    RunConfig run = Configs.parseRun(yaml, List.of("data.validation_corpus=" + typed));
    assertThat(run.data().validationCorpus()).isEmpty();
  }
}
