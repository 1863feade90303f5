package dev.tributary.testkit.server.flymq;

import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.Transport;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A transport whose reads keep the thread that asks for them busy for a while, and the first of them until it may go on. */
final class BusyTransport {
  private static final long BUSY_NANOS = 10_000_000;

  private final Transport whole;
  private final AtomicInteger reads = new AtomicInteger();
  private final CountDownLatch first = new CountDownLatch(1);
  private final CountDownLatch mayGoOn = new CountDownLatch(1);
  private volatile boolean busy;
  private volatile int readsWhenListed;

  BusyTransport(Transport whole) {
    this.whole = whole;
  }

  /** From now on. */
  void begin() {
    busy = true;
  }

  void awaitFirst() throws InterruptedException {
    first.await(30, TimeUnit.SECONDS);
  }

  void goOn() {
    mayGoOn.countDown();
  }

  /** How many reads there had been when the streams were listed. */
  int readsWhenListed() {
    return readsWhenListed;
  }

  Transport transport() {
    return front(Transport.class, whole);
  }

  private <T> T front(Class<T> type, T behind) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (busy && method.getName().equals("read")) {
                work();
              } else if (busy && method.getName().equals("list")) {
                readsWhenListed = reads.get();
              }
              try {
                Object result = method.invoke(behind, arguments);
                return result instanceof Optional<?> role ? role.map(this::role) : result;
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
            }));
  }

  private Object role(Object role) {
    if (role instanceof StreamTransport streams) {
      return front(StreamTransport.class, streams);
    }
    return role instanceof AdminTransport admin ? front(AdminTransport.class, admin) : role;
  }

  private void work() throws InterruptedException {
    reads.incrementAndGet();
    first.countDown();
    mayGoOn.await(30, TimeUnit.SECONDS);
    for (long end = System.nanoTime() + BUSY_NANOS; System.nanoTime() - end < 0; ) {
      Thread.onSpinWait();
    }
  }
}
