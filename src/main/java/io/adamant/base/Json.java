package io.adamant.base;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.yaml.snakeyaml.LoaderOptions;

/** JSON and YAML: the mappers that everything reads and writes with. */
public final class Json {

  /** One value per line; whatever follows the value is refused. */
  public static final ObjectMapper MAPPER =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** YAML without a document marker, of any length: a study of 10,000 runs has megabytes. */
  public static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .enable(YAMLParser.Feature.EMPTY_STRING_AS_NULL) // a builder begins without it
              .loaderOptions(anyLength())
              .build());

  private static final ObjectWriter PRETTY =
      MAPPER.writer().with(SerializationFeature.INDENT_OUTPUT);

  private Json() {}

  private static LoaderOptions anyLength() {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(Integer.MAX_VALUE);
    return options;
  }

  /**
   * A value in one line.
   *
   * @param value a record, or maps, lists, numbers and texts
   * @return JSON without a line end
   */
  public static String line(Object value) {
    return text(MAPPER.writer(), value);
  }

  /**
   * A value for a program that a person may read.
   *
   * @param value a record, or maps, lists, numbers and texts
   * @return indented JSON with a line end
   */
  public static String pretty(Object value) {
    return text(PRETTY, value) + "\n";
  }

  private static String text(ObjectWriter writer, Object value) {
    try {
      return writer.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not a JSON value: " + value, e);
    }
  }

  /**
   * The object in a file.
   *
   * @param file JSON
   * @return the object, or a missing node where there is no such file
   * @throws InputException if the file holds anything but one JSON object
   */
  public static JsonNode object(Path file) {
    if (!Files.isRegularFile(file)) {
      return MissingNode.getInstance();
    }
    try {
      JsonNode node = MAPPER.readTree(TextFile.read(file));
      if (!node.isObject()) {
        throw new InputException(file + ": holds no JSON object; expected: one object");
      }
      return node;
    } catch (JsonProcessingException e) {
      throw new InputException(file + ": not readable as JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new StorageException("read", file, e);
    }
  }

  /**
   * A number of an object.
   *
   * @param node the object
   * @param key of the number
   * @return the number, NaN where it is absent, null or no number
   */
  public static double number(JsonNode node, String key) {
    JsonNode value = node.path(key);
    return value.isNumber() ? value.asDouble() : Double.NaN;
  }

  /**
   * A whole number of an object.
   *
   * @param node the object
   * @param key of the number
   * @return the number, empty where it is absent or null
   */
  public static OptionalLong whole(JsonNode node, String key) {
    JsonNode value = node.path(key);
    return value.isNumber() ? OptionalLong.of(value.asLong()) : OptionalLong.empty();
  }

  /**
   * A text of an object.
   *
   * @param node the object
   * @param key of the text
   * @return the text, empty where it is absent or null
   */
  public static String text(JsonNode node, String key) {
    JsonNode value = node.path(key);
    return value.isValueNode() && !value.isNull() ? value.asText() : "";
  }
}
