package io.adamant.cli;

import io.adamant.base.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Listed here for the help; the launcher runs it, since a jar cannot build itself. */
@Command(
    name = "test",
    description = "Build everything and run every test (mvn verify).",
    footer = {
      "",
      "Examples:",
      "  ./adamant test",
      "  ./adamant test -Dtest=AdamWTest",
      "  ./adamant test -Dtests.excluded=            include the slow tests"
    })
final class TestCommand implements Callable<Integer> {

  @Parameters(paramLabel = "OPTION", arity = "0..*", description = "Passed to Maven.")
  @SuppressWarnings("unused") // for the help text; the launcher passes them on
  private List<String> options = new ArrayList<>();

  @Override
  public Integer call() {
    throw new InputException(
        "test: a jar cannot build itself; run ./adamant test in a checkout of the sources");
  }
}
