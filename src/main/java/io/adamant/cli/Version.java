package io.adamant.cli;

import io.adamant.config.BuildInfo;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {"Adamant " + BuildInfo.current().text()};
  }
}
