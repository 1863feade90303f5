package dev.tributary.internal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Makes the threads that handlers may block: virtual ones from Java 24 on, daemons of the platform before. Java 21 has virtual threads too, but there
 * one that waits inside {@code synchronized}, as many JDBC drivers do, keeps its carrier, of which there are as many as processors: worse than a thread
 * of its own.
 */
final class HandlerThreads {
  private static final int UNPINNED = 24;

  private HandlerThreads() {}

  static ThreadFactory named(String prefix) {
    ThreadFactory virtual = Runtime.version().feature() < UNPINNED ? null : virtual(prefix);
    return virtual == null ? platform(prefix) : virtual;
  }

  private static ThreadFactory platform(String prefix) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, prefix + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /** {@code Thread.ofVirtual().name(prefix, 1).factory()}, which the Java that this is compiled for does not know; null if this one refuses it. */
  private static @Nullable ThreadFactory virtual(String prefix) {
    try {
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      Class<?> builder = Class.forName("java.lang.Thread$Builder$OfVirtual");
      MethodHandle begin = lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(builder));
      MethodHandle name = lookup.findVirtual(builder, "name", MethodType.methodType(builder, String.class, long.class));
      MethodHandle factory = lookup.findVirtual(builder, "factory", MethodType.methodType(ThreadFactory.class));
      return (ThreadFactory) factory.invoke(name.invoke(begin.invoke(), prefix, 1L));
    } catch (Throwable refused) {
      return null;
    }
  }
}
