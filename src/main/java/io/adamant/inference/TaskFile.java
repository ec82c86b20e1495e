package io.adamant.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.StorageException;
import io.adamant.base.TextFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Multiple-choice questions in a file, one JSON object a line, in one of these forms:
 *
 * <ul>
 *   <li>HellaSwag as published: {@code ctx_a}, {@code ctx_b}, {@code activity_label}, {@code
 *       endings}, {@code label}. The context is "activity_label: ctx_a ctx_b", the latter with a
 *       capital; {@code [title]} becomes a full stop and other brackets go, as
 *       lm-evaluation-harness does. Without {@code ctx_a} it is {@code ctx}.
 *   <li>ARC as published: {@code question} with {@code stem} and {@code choices}, a list of {@code
 *       label} and {@code text}; or {@code question} a text and {@code choices} such a list or an
 *       object of two lists; and {@code answerKey}. The context is "Question: … Answer:" in two
 *       lines.
 *   <li>{@code context}, {@code choices}, a list of texts, and {@code answer}, the right one's
 *       index from 0.
 * </ul>
 */
public final class TaskFile {

  private static final Pattern TITLE = Pattern.compile(" \\[title\\]");
  private static final Pattern BRACKETS = Pattern.compile("\\[.*?\\]");

  /**
   * A question.
   *
   * @param context what stands before the choices
   * @param choices at least two, none empty
   * @param answer index of the right one
   */
  public record Question(String context, List<String> choices, int answer) {
    /** Takes a copy. */
    public Question {
      choices = List.copyOf(choices);
    }
  }

  private TaskFile() {}

  /**
   * Reads a file.
   *
   * @param file JSON Lines in UTF-8; blank lines are passed over
   * @return its questions, at least one
   * @throws InputException if it cannot be read or a line is no question
   */
  public static List<Question> read(Path file) {
    List<String> lines;
    try {
      lines = TextFile.read(file).lines().toList();
    } catch (CharacterCodingException e) {
      throw new InputException(file + " is not UTF-8", e);
    } catch (IOException e) {
      throw new InputException(
          "%s cannot be read: %s".formatted(file, StorageException.reason(e)), e);
    }
    List<Question> questions = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        questions.add(question(lines.get(i), file + ":" + (i + 1)));
      }
    }
    if (questions.isEmpty()) {
      throw new InputException(file + " has no questions; expected: one JSON object a line");
    }
    return questions;
  }

  private static Question question(String line, String where) {
    JsonNode node;
    try {
      node = Json.MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      throw new InputException(where + ": not JSON: " + e.getOriginalMessage(), e);
    }
    Question question;
    if (node.has("endings")) {
      question = hellaSwag(node, where);
    } else if (node.has("answerKey")) {
      question = arc(node, where);
    } else if (node.has("context") && node.has("choices")) {
      List<String> choices = texts(node.path("choices"), "choices", where);
      question =
          new Question(
              text(node, "context", where), choices, index(node.path("answer"), "answer", where));
    } else {
      throw new InputException(
          where
              + ": no question; expected: endings as in HellaSwag, answerKey as in ARC, or context, choices and answer");
    }
    if (question.choices().size() < 2 || question.choices().stream().anyMatch(String::isBlank)) {
      throw new InputException(where + ": expected: two or more choices, none of them empty");
    }
    if (question.answer() < 0 || question.answer() >= question.choices().size()) {
      throw new InputException(
          "%s: the answer is %s of %s choices, counted from 0"
              .formatted(where, question.answer(), question.choices().size()));
    }
    return question;
  }

  private static Question hellaSwag(JsonNode node, String where) {
    String context;
    if (node.has("ctx_a")) {
      String second = node.path("ctx_b").asText("");
      String capital =
          second.isEmpty()
              ? ""
              : second.substring(0, 1).toUpperCase(Locale.ROOT)
                  + second.substring(1).toLowerCase(Locale.ROOT);
      context = text(node, "ctx_a", where) + " " + capital;
    } else {
      context = text(node, "ctx", where);
    }
    String activity = node.path("activity_label").asText("");
    return new Question(
        plain(activity.isEmpty() ? context : activity + ": " + context),
        texts(node.path("endings"), "endings", where).stream().map(TaskFile::plain).toList(),
        index(node.path("label"), "label", where));
  }

  /** WikiHow's marks of the source out of the text. */
  private static String plain(String text) {
    String without = TITLE.matcher(text.strip()).replaceAll(". ");
    return BRACKETS.matcher(without).replaceAll("").replace("  ", " ");
  }

  private static Question arc(JsonNode node, String where) {
    JsonNode question = node.path("question");
    boolean nested = question.isObject();
    String stem = nested ? text(question, "stem", where) : text(node, "question", where);
    JsonNode choices = nested ? question.path("choices") : node.path("choices");
    List<String> texts = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    if (choices.isArray()) {
      for (JsonNode choice : choices) {
        texts.add(text(choice, "text", where));
        labels.add(text(choice, "label", where));
      }
    } else {
      texts.addAll(texts(choices.path("text"), "choices.text", where));
      labels.addAll(texts(choices.path("label"), "choices.label", where));
    }
    String key = text(node, "answerKey", where);
    if (!labels.contains(key) || labels.size() != texts.size()) {
      throw new InputException(
          "%s: answerKey is %s; expected: one of the labels %s".formatted(where, key, labels));
    }
    return new Question("Question: " + stem + "\nAnswer:", texts, labels.indexOf(key));
  }

  private static String text(JsonNode node, String key, String where) {
    if (!node.path(key).isTextual()) {
      throw new InputException("%s: %s is no text".formatted(where, key));
    }
    return node.path(key).textValue();
  }

  private static List<String> texts(JsonNode list, String key, String where) {
    List<String> texts = new ArrayList<>();
    for (JsonNode text : list) {
      if (!text.isTextual()) {
        throw new InputException("%s: %s holds what is no text".formatted(where, key));
      }
      texts.add(text.textValue());
    }
    return texts;
  }

  /** A whole number, which HellaSwag's files also have as a text. */
  private static int index(JsonNode node, String key, String where) {
    if (node.isInt() || node.asText("").matches("\\d{1,9}")) {
      return node.isInt() ? node.intValue() : Integer.parseInt(node.textValue());
    }
    throw new InputException("%s: %s is no index of a choice".formatted(where, key));
  }
}
