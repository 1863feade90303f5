package dev.tributary.testkit.contract;

import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

@EnabledIfSystemProperty(named = RunningBackend.URI, matches = ".+")
final class RunningAdminTest extends AdminContract {
  @Override
  protected Backend open() {
    return new RunningBackend();
  }
}
