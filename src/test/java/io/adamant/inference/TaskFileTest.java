package io.adamant.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import io.adamant.inference.TaskFile.Question;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskFileTest {

  @TempDir Path temp;

  private List<Question> read(String... lines) throws IOException {
    return TaskFile.read(Files.write(temp.resolve("task.jsonl"), List.of(lines)));
  }

  @Test
  void hellaSwagAsPublished() throws IOException {
    List<Question> questions =
        read(
            """
            {"ind": 1, "activity_label": "Removing ice", "ctx_a": "A man sits. [header] Wait", "ctx_b": "the Man", "ctx": "unused", "split": "val", "endings": ["wipes it.", " [title] goes.  Home [step] now."], "label": 1}"""
                .strip(),
            "",
            """
            {"ctx": "Only this [title] Then", "endings": ["a", "b", "c", "d"], "label": "3"}"""
                .strip(),
            """
            {"activity_label": "X", "ctx_a": "Alone.", "ctx_b": "", "endings": ["a", "b"], "label": 0}"""
                .strip());
    assertThat(questions)
        .containsExactly(
            new Question(
                "Removing ice: A man sits. Wait The man",
                List.of("wipes it.", " goes. Home now."),
                1),
            new Question("Only this. Then", List.of("a", "b", "c", "d"), 3),
            new Question("X: Alone.", List.of("a", "b"), 0));
  }

  @Test
  void arcAsPublishedAndAsADataSet() throws IOException {
    Question expected =
        new Question("Question: Why?\nAnswer:", List.of("so", "not so", "perhaps"), 2);
    assertThat(
            read(
                """
                {"id": "M1", "question": {"stem": "Why?", "choices": [{"text": "so", "label": "A"}, {"text": "not so", "label": "B"}, {"text": "perhaps", "label": "C"}]}, "answerKey": "C"}"""
                    .strip(),
                """
                {"id": "M2", "question": "Why?", "choices": {"text": ["so", "not so", "perhaps"], "label": ["1", "2", "3"]}, "answerKey": "3"}"""
                    .strip()))
        .containsExactly(expected, expected);
  }

  @Test
  void contextChoicesAndAnswer() throws IOException {
    assertThat(read("{\"context\": \"a \", \"choices\": [\"b\", \"c\"], \"answer\": 1}"))
        .containsExactly(new Question("a ", List.of("b", "c"), 1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"x\": 1};task.jsonl:1: no question; expected: endings",
        "{oops;task.jsonl:1: not JSON",
        "{\"context\": \"a\", \"choices\": [\"b\", \"c\"], \"answer\": 2};the answer is 2 of 2",
        "{\"context\": \"a\", \"choices\": [\"b\", \"c\"], \"answer\": \"b\"};answer is no index",
        "{\"context\": \"a\", \"choices\": [\"b\"], \"answer\": 0};two or more choices",
        "{\"context\": \"a\", \"choices\": [\"b\", \"\"], \"answer\": 0};none of them empty",
        "{\"context\": \"a\", \"choices\": [\"b\", 3], \"answer\": 0};choices holds what is no text",
        "{\"context\": 5, \"choices\": [\"b\", \"c\"], \"answer\": 0};context is no text",
        "{\"ctx\": \"a\", \"endings\": [\"b\", \"c\"], \"label\": \"\"};label is no index",
        "{\"question\": \"a\", \"choices\": {\"text\": [\"b\", \"c\"], \"label\": [\"A\", \"B\"]}, \"answerKey\": \"D\"};answerKey is D; expected: one of the labels [A, B]",
      })
  void aLineThatIsNoQuestionIsNamed(String line, String message) {
    assertThatThrownBy(() -> read(line))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aFileWithoutQuestionsIsRefused() {
    assertThatThrownBy(() -> read("", " ")).hasMessageContaining("has no questions");
    assertThatThrownBy(() -> TaskFile.read(temp.resolve("none.jsonl")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no such file");
  }
}
