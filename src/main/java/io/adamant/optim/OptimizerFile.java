package io.adamant.optim;

import io.adamant.base.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads an optimizer's text file; adding-an-optimizer.md describes the form.
 *
 * <p>Functions are TorchScript and go to libtorch nearly as they stand: settings become the
 * module's attributes, and an assignment to a state becomes an operation in place that a closed
 * gate turns off, so that a step that is left out changes nothing whatever the author wrote.
 */
final class OptimizerFile {

  private static final Pattern HEADER =
      Pattern.compile("(?s)\"\"\"(?<title>[^\\n\"]+)\\n\\n(?<lines>[^\"]*)\"\"\"\\n");
  private static final Pattern SETTING =
      Pattern.compile("(\\w+) = setting\\(([^,]+), \"([^\"]*)\", \"([^\"]*)\"(, later)?\\)");
  private static final Pattern STATE =
      Pattern.compile("(\\w+) = state\\((?:\"([^\"]*)\"(?:, \"(\\w+): (\\w+)\")?)?\\)");
  private static final Pattern IMPLIES =
      Pattern.compile("implies\\(\"(\\w+): (\\w+)\", \"(\\w+): (\\w+)\", \"([^\"]*)\"\\)");
  private static final Pattern FUNCTION =
      Pattern.compile("(?s)def (\\w+)\\(([^)]*)\\)( -> [^\\n]+)?:\\n(.*)");
  private static final Pattern INTERVAL =
      Pattern.compile("\\[([-+.e\\d]+), ([-+.e\\d]+|inf)([\\])])");
  private static final Pattern ASSIGNMENT = Pattern.compile("( *)(\\w+) = (.+)");

  /** Functions of optimizer.py that advance their first argument in place, gate last. */
  private static final Pattern IN_PLACE =
      Pattern.compile("(?:average|average_from_first|accumulate)\\((\\w+), .*\\)");

  /** The functions with a meaning; all others are the author's own helpers. */
  private static final List<String> PARTS =
      List.of("update", "sums", "numbers", "direction", "moved", "averaged", "clipped", "fused");

  /** What the top may say beside formula, source and claims. */
  private static final List<String> WORDS =
      List.of("tensors: whole", "tensors: matrices", "first: still");

  private final String type;
  private final String file;
  private final Map<String, String> header = new LinkedHashMap<>();
  private final Map<String, OptimizerSetting> settings = new LinkedHashMap<>();
  private final List<OptimizerDefinition.Implication> implications = new ArrayList<>();
  private final Set<String> later = new HashSet<>();
  private final Map<String, StateKind> states = new LinkedHashMap<>();
  private final Map<String, OptimizerDefinition.Condition> conditions = new LinkedHashMap<>();
  private final Map<String, String> parts = new LinkedHashMap<>();
  private final StringBuilder helpers = new StringBuilder();
  private String title = "";
  private boolean numbersApart;

  private OptimizerFile(String type, String file) {
    this.type = type;
    this.file = file;
  }

  static OptimizerDefinition parse(String type, String file, String text) {
    return new OptimizerFile(type, file).definition(text);
  }

  private OptimizerDefinition definition(String text) {
    statements(text.lines().map(String::stripTrailing).toList(), header(text));
    String clip = parts.getOrDefault("clipped", "");
    List<String> switches = settings.keySet().stream().filter(s -> uses(clip, s)).toList();
    if (!clip.isEmpty() && switches.size() != 1) {
      throw error(1, "clipped must read the one setting that switches the clip on when above 0");
    }
    states.forEach(this::requireUse);
    if (!parts.containsKey("direction")) {
      throw error(1, "there is no def direction(...)");
    }
    if (parts.containsKey("sums") && !numbersApart) {
      throw error(1, "def sums needs a def numbers(...) that reads them");
    }
    return new OptimizerDefinition(
        type,
        file,
        text,
        title,
        header.get("formula"),
        header.get("source"),
        List.copyOf(settings.values()),
        later,
        implications,
        states,
        conditions,
        header.containsKey("first"),
        helpers.toString(),
        parts.getOrDefault("sums", ""),
        parts.getOrDefault("numbers", ""),
        parts.getOrDefault("update", "pass"),
        parts.get("direction"),
        parts.getOrDefault("moved", ""),
        parts.getOrDefault("averaged", ""),
        clip.isEmpty()
            ? OptimizerDefinition.MomentumClip.NONE
            : new OptimizerDefinition.MomentumClip(switches.get(0), clip),
        parts.getOrDefault("fused", ""),
        claims(),
        OptimizerDefinition.Tensors.valueOf(
            header.getOrDefault("tensors", "pieces").toUpperCase(Locale.ROOT)),
        momentum(),
        header.getOrDefault("others", "adamw"));
  }

  private Momentum momentum() {
    String state = header.get("momentum");
    if (state == null) {
      return Momentum.NONE;
    }
    for (String name : Momentum.names()) {
      if (settings.containsKey(name) || states.containsKey(name)) {
        throw error(1, "with momentum: " + state + " no state or setting can be named " + name);
      }
    }
    return Optional.of(state)
        .filter(states::containsKey)
        .flatMap(m -> Momentum.find(m, parts.getOrDefault("update", ""), parts.get("direction")))
        .orElseThrow(
            () ->
                error(
                    1,
                    "momentum: {m} needs a state {m} that def update advances by average({m}, g, BETA)"
                        .replace("{m}", state)));
  }

  private void requireUse(String state, StateKind kind) {
    boolean shared = numbersApart && kind == StateKind.NUMBER;
    String by =
        shared
            ? parts.getOrDefault("numbers", "")
            : parts.getOrDefault("update", "")
                + parts.getOrDefault("moved", "")
                + (kind == StateKind.WEIGHTS || kind.isInput()
                    ? parts.getOrDefault("sums", "")
                    : "")
                + (kind.isInput() ? parts.getOrDefault("numbers", "") : "");
    if (!uses(by, state)) {
      throw error(
          1,
          "def %s must %s the state %s"
              .formatted(shared ? "numbers" : "update", kind.isInput() ? "read" : "assign", state));
    }
    if (!kind.elementwise() && !shared && !header.containsKey("tensors")) {
      throw error(
          1, "the state " + state + " belongs to a whole tensor; the top must say tensors: whole");
    }
  }

  /** Reads the text at the top; the number of its lines. */
  private int header(String text) {
    Matcher top = HEADER.matcher(text);
    if (!top.lookingAt()) {
      throw error(
          1, "must begin with \"\"\"Title, an empty line, formula: and source:, and \"\"\"");
    }
    title = top.group("title");
    for (String line : top.group("lines").split("\n", 0)) {
      String[] parts = line.split(": ", 2);
      boolean known =
          List.of("formula", "source", "claims", "momentum", "others").contains(parts[0])
              || WORDS.contains(line);
      if (!known || header.put(parts[0], parts[parts.length - 1]) != null) {
        throw error(
            1,
            "the top allows formula: TEXT, source: TEXT, claims: TEXT, momentum: STATE, others: TYPE, %s; found %s"
                .formatted(String.join(", ", WORDS), line));
      }
    }
    if (!header.keySet().containsAll(List.of("formula", "source"))) {
      throw error(1, "the top must say formula: TEXT and source: TEXT");
    }
    return (int) top.group().lines().count();
  }

  private OptimizerClaims claims() {
    return OptimizerClaims.parse(header.getOrDefault("claims", ""))
        .orElseThrow(
            () ->
                error(
                    1,
                    "claims: %s; expected: %s"
                        .formatted(header.get("claims"), OptimizerClaims.ALLOWED)));
  }

  private void statements(List<String> lines, int from) {
    Map<Integer, String> functions = new LinkedHashMap<>();
    for (int i = from, next; i < lines.size(); i = next) {
      next = i + 1;
      while (next < lines.size() && lines.get(next).matches(" .*|")) {
        next++;
      }
      String text = String.join("\n", lines.subList(i, next)).strip();
      if (text.startsWith("def ")) {
        functions.put(i + 1, text);
      } else if (!text.isEmpty() && !text.startsWith("#")) {
        declaration(i + 1, text.replaceAll("\n +", " ").replace("( ", "("));
      }
    }
    numbersApart = functions.values().stream().anyMatch(f -> f.startsWith("def numbers("));
    functions.forEach(this::function); // after all settings and states are known
  }

  private void declaration(int line, String text) {
    Matcher setting = SETTING.matcher(text);
    Matcher state = STATE.matcher(text);
    Matcher implies = IMPLIES.matcher(text);
    if (setting.matches()) {
      settings.put(declared(line, setting.group(1)), setting(line, setting));
      if (setting.group(5) != null) {
        later.add(setting.group(1));
      }
    } else if (state.matches()) {
      String words = Objects.requireNonNullElse(state.group(2), "");
      StateKind kind =
          StateKind.of(words)
              .orElseThrow(
                  () -> error(line, "found " + text + "; allowed: " + StateKind.allowed()));
      states.put(declared(line, state.group(1)), kind);
      if (state.group(3) != null) {
        conditions.put(state.group(1), condition(line, state.group(3), state.group(4)));
      }
    } else if (implies.matches()) {
      implications.add(implication(line, implies));
    } else {
      throw error(
          line,
          "allowed are NAME = setting(DEFAULT, \"RANGE\", \"MEANING\"), NAME = state(),"
              + " implies(...) and functions; found "
              + text.lines().findFirst().orElse(""));
    }
  }

  private String declared(int line, String name) {
    if (settings.containsKey(name) || states.containsKey(name)) {
      throw error(line, name + " is declared twice");
    }
    return name;
  }

  private OptimizerSetting setting(int line, Matcher text) {
    String name = text.group(1);
    String literal = text.group(2);
    String range = text.group(3);
    String meaning = text.group(4);
    Matcher interval = INTERVAL.matcher(range);
    OptimizerSetting setting = null;
    if (range.equals("true | false")) {
      setting = new OptimizerSetting.Flag(name, literal.equals("True"), meaning);
    } else if (range.matches("\\w+ \\| \\[0, 1\\]")) {
      setting = new OptimizerSetting.FractionOr(name, range.split(" ", 2)[0], meaning);
    } else if (range.matches("\\w+( \\| \\w+)+")) {
      List<String> options = Arrays.asList(range.split(" \\| ", 0));
      setting = new OptimizerSetting.Choice(name, options, meaning);
    } else if (interval.matches()) {
      setting = number(line, name, literal, interval, meaning);
    }
    if (setting == null) {
      throw error(
          line,
          "the range of %s must be like [0, 1), [0, inf), [1, 9], true | false, word | word or word | [0, 1]; found %s"
              .formatted(name, range));
    }
    Object value = setting.defaultValue();
    boolean asWritten =
        !(value instanceof Boolean || value instanceof String)
            || literal.equalsIgnoreCase(value.toString())
            || literal.equals("\"" + value + "\"");
    if (!asWritten || setting.accept(value).isEmpty()) {
      String first = value instanceof String ? ", the first word as the default" : "";
      throw error(
          line, "%s = %s: allowed: %s%s".formatted(name, literal, setting.allowed(), first));
    }
    return setting;
  }

  private OptimizerSetting number(
      int line, String name, String literal, Matcher interval, String meaning) {
    boolean closed = interval.group(3).equals("]");
    try {
      double min = Double.parseDouble(interval.group(1));
      double max = Double.parseDouble(interval.group(2).replace("inf", "Infinity"));
      return closed && literal.matches("-?\\d+")
          ? new OptimizerSetting.Whole(name, Long.valueOf(literal), (long) min, (long) max, meaning)
          : new OptimizerSetting.Real(name, Double.valueOf(literal), min, max, closed, meaning);
    } catch (NumberFormatException e) {
      throw error(line, "not a number: " + name + " = " + literal + ", " + interval.group());
    }
  }

  private OptimizerDefinition.Condition condition(int line, String name, String word) {
    return Optional.ofNullable(settings.get(name))
        .filter(setting -> setting.accept(word).isPresent())
        .map(setting -> new OptimizerDefinition.Condition(name, word))
        .orElseThrow(() -> error(line, "no setting above can be " + name + ": " + word));
  }

  private OptimizerDefinition.Implication implication(int line, Matcher text) {
    Object[] values = new Object[2];
    for (int i = 0; i < 2; i++) {
      String name = text.group(2 * i + 1);
      String word = text.group(2 * i + 2);
      OptimizerSetting setting = settings.get(name);
      Object value = word.matches("true|false") ? (Object) Boolean.valueOf(word) : word;
      if (setting == null || setting.accept(value).isEmpty()) {
        throw error(line, "no setting above can be " + name + ": " + word);
      }
      values[i] = value;
    }
    return new OptimizerDefinition.Implication(
        text.group(1), values[0], text.group(3), values[1], text.group(5));
  }

  private void function(int line, String text) {
    Matcher function = FUNCTION.matcher(text);
    if (!function.matches()) {
      throw error(line, "a function's head stands on one line: def NAME(...):");
    }
    String name = function.group(1);
    if (!PARTS.contains(name)) {
      if (function.group(3) == null) {
        throw error(
            line, "a function of your own says its types: def " + name + "(x: Tensor) -> Tensor:");
      }
      helpers.append("\n\n").append(text).append('\n');
      return;
    }
    List<String> given = Arrays.asList(function.group(2).split(",\\s*", 0));
    List<String> known =
        switch (name) {
          case "fused" -> OptimizerKernel.stepParameters(List.copyOf(states.keySet()));
          case "update", "sums" -> takes("w", "g", "t", "lr");
          case "numbers" -> numbersTake();
          case "moved" -> takes("w", "u", "t", "lr", "decay");
          case "averaged" -> takes("w", "t");
          default -> takes("g", "t");
        };
    if (name.equals("fused") ? !given.equals(known) : !known.containsAll(given)) {
      throw error(
          line,
          "%s takes %s; found %s".formatted(name, String.join(", ", known), function.group(2)));
    }
    String[] lines = function.group(4).stripIndent().split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      lines[i] = statement(line + 1 + i, name, lines[i].replaceFirst("(^|\\s+)#[^\"]*$", ""));
    }
    String body = Arrays.stream(lines).filter(l -> !l.isBlank()).collect(Collectors.joining("\n"));
    if (body.isEmpty() || parts.put(name, body) != null) {
      throw error(line, name + " must stand once, and do something");
    }
  }

  private List<String> takes(String... first) {
    return Stream.concat(Arrays.stream(first), states.keySet().stream()).toList();
  }

  private List<String> numbersTake() {
    Stream<String> numbers = states.keySet().stream().filter(state -> states.get(state).isNumber());
    return Stream.concat(Stream.of("sums", "t", "lr"), numbers).toList();
  }

  private boolean mayAssign(String function, String state) {
    if (states.get(state).isInput()) {
      return false;
    }
    boolean shared = numbersApart && states.get(state) == StateKind.NUMBER;
    return (shared ? List.of("numbers") : List.of("update", "moved")).contains(function);
  }

  /** A line as the kernel has it. */
  private String statement(int line, String function, String text) {
    Matcher assignment = ASSIGNMENT.matcher(text);
    String target = assignment.matches() ? assignment.group(2) : "";
    boolean state = states.containsKey(target);
    if (settings.containsKey(target)
        || List.of("g", "w", "t", "gate", "self", "lr", "decay", "sums").contains(target)
        || (state && !mayAssign(function, target))) {
      throw error(line, function + " cannot assign " + target);
    }
    String value = state ? assignment.group(3) : "";
    long open = value.chars().filter(c -> c == '(').count();
    if (open != value.chars().filter(c -> c == ')').count()) {
      throw error(line, "an assignment to a state stands on one line");
    }
    Matcher inPlace = IN_PLACE.matcher(value);
    String gated = text;
    if (inPlace.matches() && inPlace.group(1).equals(target)) {
      gated = text.substring(0, text.length() - 1) + ", gate)";
    } else if (state) {
      // torch.where, not a product: what the author computes from a bad gradient may be NaN
      gated =
          "%s%s.copy_(torch.where(gate > 0.0, %s, %s))"
              .formatted(assignment.group(1), target, value, target);
    }
    for (OptimizerSetting setting : settings.values()) {
      gated = gated.replaceAll(word(setting.name()), "self." + setting.name());
      if (setting instanceof OptimizerSetting.FractionOr either) {
        String isWord = setting.name() + "_is_" + either.word();
        gated = gated.replaceAll(word(isWord), "self." + isWord);
      }
    }
    return function.equals("fused") ? gated.replaceAll(word("loop"), "self.loop") : gated;
  }

  private static boolean uses(String text, String name) {
    return Pattern.compile("\\b" + name + "\\b").matcher(text).find();
  }

  /** A name, but neither a part of another, nor in quotes, nor the keyword of an argument. */
  private static String word(String name) {
    return "(?<![\\w.\"])" + name + "\\b(?! *=[^=])(?!\")";
  }

  private InputException error(int line, String message) {
    return new InputException(file + ":" + line + ": " + message);
  }
}
