package dev.tributary.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.config.ClientConfig;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CallbacksTest {
  private static Callbacks callbacks(Executor executor) {
    return new Callbacks(ClientConfig.builder("memory").callbackExecutor(executor).build());
  }

  /** The name of the thread that a callback ran on. */
  private static String threadOf(Executor executor) throws Exception {
    CompletableFuture<String> ran = new CompletableFuture<>();
    executor.execute(() -> ran.complete(Thread.currentThread().getName()));
    return ran.get(10, TimeUnit.SECONDS);
  }

  @Test
  void threadsHaveNamesOfTheirOwn() throws Exception {
    Callbacks callbacks = new Callbacks(ClientConfig.builder("memory").build());
    CountDownLatch both = new CountDownLatch(2);
    Queue<String> names = new ConcurrentLinkedQueue<>();
    CompletableFuture<?>[] ran = new CompletableFuture<?>[2];
    for (int i = 0; i < 2; i++) {
      ran[i] =
          CompletableFuture.runAsync(
              () -> {
                names.add(Thread.currentThread().getName());
                both.countDown();
                try {
                  both.await();
                } catch (InterruptedException interrupted) {
                  Thread.currentThread().interrupt();
                }
              },
              callbacks);
    }
    CompletableFuture.allOf(ran).get(10, TimeUnit.SECONDS);
    callbacks.close();
    assertThat(names).containsExactlyInAnyOrder("tributary-callback-1", "tributary-callback-2");
  }

  @Test
  void aCallbackThatIsRefusedRunsOnAThreadOfTheClient() throws Exception {
    assertThat(threadOf(callbacks(task -> {
      throw new RejectedExecutionException();
    }))).startsWith("tributary-handler-");
    assertThat(threadOf(callbacks(task -> {
      throw new AssertionError("an executor that throws what it likes");
    }))).startsWith("tributary-handler-");
  }

  @Test
  void aCallbackThatTheExecutorRunsAtOnceIsMovedToAThreadOfTheClient() throws Exception {
    assertThat(threadOf(callbacks(Runnable::run))).startsWith("tributary-handler-");
  }

  @Test
  void aCallbackThatAnExecutorRunsLaterIsLeftThere() {
    Queue<Runnable> tasks = new ArrayDeque<>();
    CompletableFuture<Thread> ran = new CompletableFuture<>();
    callbacks(tasks::add).execute(() -> ran.complete(Thread.currentThread()));
    assertThat(ran).isNotDone();
    tasks.remove().run();
    assertThat(ran).isCompletedWithValue(Thread.currentThread());
  }

  @Test
  void anExecutorThatRunsAndThrowsRunsACallbackOnce() throws Exception {
    CompletableFuture<Integer> once = new CompletableFuture<>();
    int[] runs = {0};
    Thread[] other = new Thread[1];
    callbacks(
            task -> {
              other[0] = new Thread(task);
              other[0].start();
              try {
                other[0].join();
              } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
              }
              throw new IllegalStateException("after the fact");
            })
        .execute(() -> once.complete(++runs[0]));
    assertThat(once.get(10, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(runs[0]).isEqualTo(1);
  }

  @Test
  void inlineMeansHereButNotOnTheThreadOfTheTimers() throws Exception {
    Callbacks inline = callbacks(ClientConfig.INLINE);
    assertThat(threadOf(inline)).isEqualTo(Thread.currentThread().getName());
    CompletableFuture<String> ran = new CompletableFuture<>();
    TimeSource.system().schedule(Duration.ZERO, () -> inline.execute(() -> ran.complete(Thread.currentThread().getName())));
    assertThat(ran.get(10, TimeUnit.SECONDS)).startsWith("tributary-handler-");
  }

  @Test
  void asManyHandlersBlockAsAreSubmitted() throws Exception {
    Executor handlers = callbacks(null).handlers();
    CountDownLatch all = new CountDownLatch(20);
    CompletableFuture<?>[] runs = new CompletableFuture<?>[20];
    for (int i = 0; i < runs.length; i++) {
      runs[i] =
          CompletableFuture.runAsync(
              () -> {
                all.countDown();
                try {
                  all.await();
                } catch (InterruptedException interrupted) {
                  Thread.currentThread().interrupt();
                }
              },
              handlers);
    }
    CompletableFuture.allOf(runs).get(10, TimeUnit.SECONDS);
    assertThat(threadOf(callbacks(ClientConfig.INLINE).handlers())).isEqualTo(Thread.currentThread().getName());
  }

  /** There a virtual thread that waits inside {@code synchronized} holds no carrier. */
  @Test
  void handlersRunOnVirtualThreadsFromJava24On() throws Exception {
    CompletableFuture<Thread> ran = new CompletableFuture<>();
    callbacks(null).handlers().execute(() -> ran.complete(Thread.currentThread()));
    Thread thread = ran.get(10, TimeUnit.SECONDS);
    boolean virtual = Runtime.version().feature() >= 21 && (boolean) Thread.class.getMethod("isVirtual").invoke(thread);
    assertThat(virtual).isEqualTo(Runtime.version().feature() >= 24);
    assertThat(thread.isDaemon()).isTrue();
    assertThat(thread.getName()).startsWith("tributary-handler-");
  }

  @Test
  void aTimerThatThrowsHarmsNoOther() throws Exception {
    CompletableFuture<Boolean> after = new CompletableFuture<>();
    TimeSource.system()
        .schedule(
            Duration.ZERO,
            () -> {
              throw new IllegalStateException("of a timer");
            });
    TimeSource.system().schedule(Duration.ofDays(365L * 400), () -> {}).cancel();
    TimeSource.system().schedule(Duration.ZERO, () -> after.complete(true));
    assertThat(after.get(10, TimeUnit.SECONDS)).isTrue();
  }
}
