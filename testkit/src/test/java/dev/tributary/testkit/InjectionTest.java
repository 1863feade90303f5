package dev.tributary.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Tributary;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.testkit.server.EmbeddedServer;
import java.lang.reflect.Proxy;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What belongs to one test belongs to one fake, however it got there. */
@TributaryTest
class InjectionTest {
  private final FakeTributary fake;
  private final EmbeddedServer server;
  private Tributary before;

  InjectionTest(FakeTributary fake, EmbeddedServer server) {
    this.fake = fake;
    this.server = server;
  }

  @BeforeEach
  void prepare(Tributary client) {
    before = client;
  }

  @RepeatedTest(2)
  void constructorFieldAndParameterAreOne(FakeTributary mine, VirtualTime time, MemoryEngine engine, EmbeddedServer here) {
    assertThat(mine).isSameAs(fake).isSameAs(before);
    assertThat(time).isSameAs(fake.time());
    assertThat(engine).isSameAs(fake.engine());
    assertThat(here).isSameAs(server);
    assertFresh();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void everyInvocationHasItsOwn(int invocation, VirtualTime time) {
    assertThat(invocation).isPositive();
    assertThat(time).isSameAs(fake.time());
    assertFresh();
  }

  private void assertFresh() {
    assertThat(fake.queue("q").peek(9)).as("nothing of another test").isCompletedWithValueMatching(jobs -> jobs.isEmpty());
    fake.queue("q").enqueue(new byte[1]).join();
  }

  @Nested
  class Inside {
    private final VirtualTime time;

    Inside(VirtualTime time) {
      this.time = time;
    }

    @Test
    void sharesWithTheOutside(Tributary client) {
      assertThat(time).isSameAs(fake.time());
      assertThat(client).isSameAs(fake);
      assertFresh();
    }
  }

  @Test
  void nothingIsSharedByTheTestsOfAClass() throws NoSuchMethodException {
    ExtensionContext ofTheClass = fake(ExtensionContext.class, Optional.empty());
    ParameterContext parameter =
        fake(ParameterContext.class, InjectionTest.class.getDeclaredMethod("prepare", Tributary.class).getParameters()[0]);
    assertThatThrownBy(() -> new TributaryExtension().resolveParameter(parameter, ofTheClass))
        .isInstanceOf(ParameterResolutionException.class)
        .hasMessageContaining("each test has a Tributary of its own");
  }

  private static <T> T fake(Class<T> type, Object answer) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> answer));
  }
}
