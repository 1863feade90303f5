package dev.tributary.testkit.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.server.EmbeddedServer;
import java.io.File;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.lang.runtime.ObjectMethods;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that was closed leaves nothing that would hold the class loader it came with, as one of an application server's does. */
class ClassLoaderTest {
  /** Longer than any thread of the client's stays without work. */
  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(60);

  private static final ReferenceQueue<ClassLoader> COLLECTED = new ReferenceQueue<>();

  @Test
  void ofTheEngineIsCollected() throws Throwable {
    assertCollected(used("memory:"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"flowmesh", "disheap", "goqueue"})
  void ofAClientOverASocketIsCollected(String protocol) throws Throwable {
    try (EmbeddedServer server = EmbeddedServer.of(protocol).start()) {
      assertCollected(used(server.uri()));
    }
  }

  /** The loader of a client that was used on this thread and closed. */
  private static WeakReference<ClassLoader> used(String uri) throws Exception {
    URLClassLoader loader = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader());
    Thread thread = Thread.currentThread();
    @Nullable ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      @SuppressWarnings("unchecked")
      Consumer<String> client = (Consumer<String>) loader.loadClass(UseOnce.class.getName()).getConstructor().newInstance();
      client.accept(uri);
    } finally {
      thread.setContextClassLoader(before);
      loader.close();
    }
    return new WeakReference<>(loader, COLLECTED);
  }

  private static URL[] classPath() throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")).split(File.pathSeparator)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    return urls.toArray(URL[]::new);
  }

  private static void assertCollected(WeakReference<ClassLoader> loader) throws Throwable {
    long began = System.nanoTime();
    while (!loader.refersTo(null) && System.nanoTime() - began < MOST_NANOS) {
      forgetRecords();
      System.gc();
      COLLECTED.remove(50);
    }
    assertThat(loader.get()).as("the class loader of a client that was closed").isNull();
  }

  private record Any(Object value) {}

  /** JDK 17 keeps the types of the last record that it made equals and hashCode for, whoever's it was: let it be one of this test's. */
  private static void forgetRecords() throws Throwable {
    MethodHandles.Lookup lookup = MethodHandles.lookup();
    MethodHandle value = lookup.findVirtual(Any.class, "value", MethodType.methodType(Object.class)).asType(MethodType.methodType(Thread.class, Any.class));
    ObjectMethods.bootstrap(lookup, "equals", MethodType.methodType(boolean.class, Any.class, Object.class), Any.class, "value", value);
    ObjectMethods.bootstrap(lookup, "hashCode", MethodType.methodType(int.class, Any.class), Any.class, "value", value);
  }
}
