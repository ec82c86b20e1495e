package io.adamant.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpecialTokensTest {

  private static final String TEMPLATE =
      """
      {"post_processor": {"type": "Sequence", "processors": [
        {"type": "ByteLevel"},
        {"type": "TemplateProcessing", "single": [
          {"SpecialToken": {"id": "<begin>", "type_id": 0}}, {"Sequence": {"id": "A"}}]}]}}
      """;

  @TempDir Path folder;

  private SpecialTokens read(String config, String tokenizer) throws IOException {
    if (!config.isEmpty()) {
      Files.writeString(folder.resolve("tokenizer_config.json"), config);
    }
    if (!tokenizer.isEmpty()) {
      Files.writeString(folder.resolve("tokenizer.json"), tokenizer);
    }
    return SpecialTokens.read(folder);
  }

  @Test
  void theConfigurationDecidesWhetherATokenIsAdded() throws IOException {
    String added = "{\"add_bos_token\": true, \"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}";
    assertThat(read(added, TEMPLATE)).isEqualTo(new SpecialTokens("<s>", "</s>"));
    assertThat(read(added.replace("true", "false"), TEMPLATE))
        .isEqualTo(new SpecialTokens("", "</s>"));
  }

  @Test
  void aTokenMayBeAnObjectAndAbsentOnesAreNone() throws IOException {
    assertThat(
            read(
                "{\"add_bos_token\": true, \"bos_token\": {\"content\": \"<s>\", \"lstrip\": false},"
                    + " \"eos_token\": {\"content\": \"</s>\"}}",
                ""))
        .isEqualTo(new SpecialTokens("<s>", "</s>"));
    assertThat(read("{\"add_bos_token\": true, \"bos_token\": null}", ""))
        .isEqualTo(new SpecialTokens("", ""));
  }

  @Test
  void withoutAWordThereTheTemplateSaysWhatATextBeginsWith() throws IOException {
    assertThat(read("", "")).isEqualTo(new SpecialTokens("", ""));
    assertThat(read("", TEMPLATE)).isEqualTo(new SpecialTokens("<begin>", ""));
    assertThat(read("{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}", ""))
        .isEqualTo(new SpecialTokens("<begin>", "</s>"));
    String behind =
        "{\"post_processor\": {\"type\": \"TemplateProcessing\", \"single\": ["
            + "{\"Sequence\": {\"id\": \"A\"}}, {\"SpecialToken\": {\"id\": \"<end>\"}}]}}";
    assertThat(read("", behind).begin()).isEmpty();
  }

  @Test
  void aFileThatIsNoObjectIsRefusedByItsName() {
    assertThatThrownBy(() -> read("[]", ""))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("tokenizer_config.json");
  }
}
