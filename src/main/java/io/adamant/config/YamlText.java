package io.adamant.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Parses YAML into a tree that remembers lines.
 *
 * <p>Scalars stay texts: what {@code 4e-3} or {@code no} means is decided by the key that it
 * belongs to, not by YAML's rules. Keys given twice, aliases and second documents are refused.
 */
final class YamlText {
  private static final YAMLFactory FACTORY = (YAMLFactory) Json.YAML.getFactory();
  private static final Pattern LINE = Pattern.compile("\\bline ([0-9]{1,9}), column");

  private final YAMLParser parser;
  private final IntFunction<String> originOfLine;

  private YamlText(YAMLParser parser, IntFunction<String> originOfLine) {
    this.parser = parser;
    this.originOfLine = originOfLine;
  }

  /**
   * Parses the text of a file.
   *
   * @param text one YAML document
   * @param source name of the file, for messages
   */
  static YamlNode parseFile(String text, String source) {
    return parse(text, source, line -> source + ":" + line);
  }

  /**
   * Parses a value of the command line.
   *
   * @param text a YAML scalar or flow list
   * @param origin the option, for messages
   */
  static YamlNode parseOption(String text, String origin) {
    return parse(text, origin, line -> origin);
  }

  private static YamlNode parse(String text, String source, IntFunction<String> originOfLine) {
    try (YAMLParser parser = FACTORY.createParser(text)) {
      YamlText reader = new YamlText(parser, originOfLine);
      JsonToken first = parser.nextToken();
      if (first == null) {
        return new YamlNode.Scalar("", true, source);
      }
      YamlNode root = reader.node(first, reader.here());
      if (parser.nextToken() != null) {
        throw new InputException(
            reader.here() + ": a second document begins here; expected: one document");
      }
      return root;
    } catch (JsonProcessingException e) {
      String where = originAt(e, source, originOfLine);
      throw new InputException(where + ": not valid YAML: " + oneLine(e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new InputException(source + ": not valid YAML: " + oneLine(e.getMessage()), e);
    }
  }

  private YamlNode node(JsonToken token, String origin) throws IOException {
    if (parser.isCurrentAlias()) {
      throw new InputException(
          origin + ": YAML alias *" + parser.getText() + " is not supported; write the value out");
    }
    return switch (token) {
      case START_OBJECT -> mapping(origin);
      case START_ARRAY -> sequence(origin);
      default ->
          new YamlNode.Scalar(
              parser.getText() == null ? "" : parser.getText(),
              token == JsonToken.VALUE_NULL,
              origin);
    };
  }

  private YamlNode mapping(String origin) throws IOException {
    Map<String, YamlNode> entries = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      String keyOrigin = here();
      YamlNode value = node(parser.nextToken(), keyOrigin);
      YamlNode earlier = entries.putIfAbsent(key, value);
      if (earlier != null) {
        throw new InputException(
            "%s: key %s is given twice, first at %s".formatted(keyOrigin, key, earlier.origin()));
      }
    }
    return new YamlNode.Mapping(Collections.unmodifiableMap(entries), origin);
  }

  private YamlNode sequence(String origin) throws IOException {
    List<YamlNode> items = new ArrayList<>();
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      items.add(node(t, here()));
    }
    return new YamlNode.Sequence(List.copyOf(items), origin);
  }

  private String here() {
    return originOfLine.apply(parser.currentTokenLocation().getLineNr());
  }

  /** The place of the problem itself, which the message tells last; failing that, the token's. */
  private static String originAt(
      JsonProcessingException e, String source, IntFunction<String> originOfLine) {
    Optional<MatchResult> last =
        LINE.matcher(e.getOriginalMessage()).results().reduce((first, second) -> second);
    if (last.isPresent()) {
      return originOfLine.apply(Integer.parseInt(last.get().group(1)));
    }
    int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
    return line > 0 ? originOfLine.apply(line) : source;
  }

  /** The parser's messages carry an excerpt and a pointer on lines of their own; these go. */
  private static String oneLine(String message) {
    return String.join(
        "; ",
        message
            .lines()
            .filter(line -> !line.isBlank() && !Character.isWhitespace(line.charAt(0)))
            .filter(line -> !line.startsWith("in "))
            .toList());
  }
}
