package dev.tributary.testkit.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Tributary;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.vertx.VertxTributary;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The public API of the Java modules is the committed one. */
class PublicApiTest {
  /** Surefire says where the module is. */
  private static final Path DUMPS = Path.of(System.getProperty("basedir", ".")).resolve("../docs/api");

  @Test
  void sdkApi() {
    ApiDump.check(DUMPS.resolve("sdk-api.txt"), Tributary.class);
  }

  @Test
  void sdkVertx() {
    ApiDump.check(DUMPS.resolve("sdk-vertx.txt"), VertxTributary.class);
  }

  @Test
  void engine() {
    ApiDump.check(DUMPS.resolve("engine.txt"), MemoryEngine.class);
  }

  @Test
  void testkit() {
    ApiDump.check(DUMPS.resolve("testkit.txt"), VirtualTime.class);
  }

  @Test
  void aDumpShowsWhatIsExportedAndNothingElse() {
    assertThat(ApiDump.of(Tributary.class))
        .contains("public interface dev.tributary.Tributary extends dev.tributary.AsyncCloseable\n")
        .contains("  public abstract dev.tributary.Schemas schemas();\n")
        .doesNotContain("class dev.tributary.internal.")
        .doesNotContain("ConfigDraft")
        .doesNotContain("private ");
    assertThat(ApiDump.of(VertxTributary.class)).contains("dev.tributary.vertx.VertxTributary").doesNotContain("class dev.tributary.vertx.internal.");
  }

  @Test
  void aDifferenceIsReadable(@TempDir Path dir) throws Exception {
    Assumptions.assumeFalse(Boolean.getBoolean(ApiDump.UPDATE));
    Path dump = dir.resolve("sdk-api.txt");
    String now = ApiDump.of(Tributary.class);
    Files.writeString(dump, now.replace("  public abstract dev.tributary.Schemas schemas();\n", "  public abstract int gone();\n"));
    assertThatThrownBy(() -> ApiDump.check(dump, Tributary.class))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("- public interface dev.tributary.Tributary extends dev.tributary.AsyncCloseable: public abstract int gone();\n")
        .hasMessageContaining("+ public interface dev.tributary.Tributary extends dev.tributary.AsyncCloseable: public abstract dev.tributary.Schemas schemas();\n")
        .hasMessageContaining("-Dtributary.api.update=true");
    Files.writeString(dump, now);
    ApiDump.check(dump, Tributary.class);
  }
}
