package dev.tributary.testkit.contract;

import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

@EnabledIfSystemProperty(named = RunningBackend.URI, matches = ".+")
final class RunningKeyValueTest extends KeyValueContract {
  @Override
  protected Backend open() {
    return new RunningBackend();
  }
}
