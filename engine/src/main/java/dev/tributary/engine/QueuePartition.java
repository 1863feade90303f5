package dev.tributary.engine;

import java.util.TreeSet;

/** What is ready in one partition of a queue, and what has happened there. Used inside the gate. */
final class QueuePartition {
  final TreeSet<StoredJob> ready = new TreeSet<>(StoredJob.BEST_FIRST);
  int jobs;
  int leased;
  long enqueued;
  long completed;
  long deadLettered;
}
