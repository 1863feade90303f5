package dev.tributary.vertx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The SDK as named modules: everything it requires is there, and its driver is found. */
class ModulePathTest {
  @Test
  void theDriverIsFoundOnTheModulePath() throws Exception {
    String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Path[] entries =
        Arrays.stream(classPath.split(File.pathSeparator))
            .filter(entry -> entry.endsWith(".jar") || entry.endsWith("classes") && !entry.endsWith("test-classes"))
            .map(Path::of)
            .toArray(Path[]::new);
    Configuration configuration =
        ModuleLayer.boot()
            .configuration()
            .resolveAndBind(ModuleFinder.of(entries), ModuleFinder.of(), Set.of("dev.tributary.vertx"));
    ModuleLayer layer =
        ModuleLayer.defineModulesWithOneLoader(configuration, List.of(ModuleLayer.boot()), ClassLoader.getPlatformClassLoader())
            .layer();

    Class<?> provider = layer.findLoader("dev.tributary.api").loadClass("dev.tributary.spi.TransportProvider");

    assertThat(provider.getModule().isNamed()).isTrue();
    assertThat(schemes(layer, provider)).contains("flowmesh");
  }

  /** By reflection: these are the classes of the layer, not those of the test. */
  private static List<Object> schemes(ModuleLayer layer, Class<?> provider) throws Exception {
    var method = provider.getMethod("schemes");
    return ServiceLoader.load(layer, provider).stream()
        .map(ServiceLoader.Provider::get)
        .flatMap(
            found -> {
              try {
                return ((Set<?>) method.invoke(found)).stream();
              } catch (ReflectiveOperationException unreachable) {
                throw new AssertionError(unreachable);
              }
            })
        .map(Object.class::cast)
        .toList();
  }
}
