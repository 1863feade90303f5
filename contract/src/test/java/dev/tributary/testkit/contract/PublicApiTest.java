package dev.tributary.testkit.contract;

import dev.tributary.testkit.api.ApiDump;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The public API of this module is the committed one. */
class PublicApiTest {
  @Test
  void contract() {
    // Surefire says where the module is.
    ApiDump.check(Path.of(System.getProperty("basedir", ".")).resolve("../docs/api/contract.txt"), Contract.class);
  }
}
