package io.adamant.optim;

import ai.djl.engine.EngineException;
import io.adamant.base.InputException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What libtorch says about a kernel, as a line about the optimizer's file. */
final class KernelErrors {

  private static final Pattern MARKED = Pattern.compile("(?m)^(.*)\\n *~+ *<--- HERE");
  private static final Pattern RUNTIME =
      Pattern.compile("(?m)^(?:RuntimeError|[\\w.]*Error): (.*)$");
  private static final Pattern COPY =
      Pattern.compile("(\\w+)\\.copy_\\(torch\\.where\\(gate > 0\\.0, (.*), \\1\\)\\)");

  private KernelErrors() {}

  /** An error of compiling or running the kernel: file, line, reason and the line's text. */
  static InputException of(OptimizerDefinition definition, EngineException e) {
    String message = e.getMessage().strip();
    Matcher runtime = RUNTIME.matcher(message);
    String reason = runtime.find() ? runtime.group(1) : message.lines().findFirst().orElse("");
    String text = "";
    int line = 0;
    for (Matcher marked = MARKED.matcher(message); line == 0 && marked.find(); ) {
      text = marked.group(1).replace("self.", "").replace("__torch__.", "").strip();
      line = line(definition, text);
    }
    return new InputException(
        definition.file()
            + (line > 0 ? ":" + line : "")
            + ": "
            + reason.replaceFirst("[.:]?\\s*$", "")
            + (text.isEmpty() ? "" : ", in: " + text),
        e);
  }

  /** An error that shows in the first line that a pattern is found in, or else in a function. */
  static InputException of(
      OptimizerDefinition definition, Pattern where, String function, String reason) {
    int line = first(definition, where);
    int from = line > 0 ? line : first(definition, Pattern.compile("^def " + function + "\\("));
    return new InputException(definition.file() + (from > 0 ? ":" + from : "") + ": " + reason);
  }

  private static int first(OptimizerDefinition definition, Pattern pattern) {
    List<String> lines = definition.text().lines().map(KernelErrors::code).toList();
    for (int i = 0; i < lines.size(); i++) {
      if (pattern.matcher(lines.get(i)).find()) {
        return i + 1;
      }
    }
    return 0;
  }

  /** The number of the line that the kernel has as {@code text}; 0 if none is like it. */
  private static int line(OptimizerDefinition definition, String text) {
    String written = COPY.matcher(text).replaceFirst("$1 = $2").replaceFirst(", gate\\)$", ")");
    List<String> lines = definition.text().lines().map(line -> code(line).strip()).toList();
    return 1 + Math.max(lines.indexOf(text), lines.indexOf(written));
  }

  private static String code(String line) {
    return line.replaceFirst("(^|\\s+)#[^\"]*$", "");
  }
}
