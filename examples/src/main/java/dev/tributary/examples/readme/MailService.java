package dev.tributary.examples.readme;

import dev.tributary.JobQueue;
import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.queue.Job;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;

/** Sends the mails of a queue until it is told to stop. What is given to it is put into the queue first. */
public final class MailService {
  public static void main(String[] addresses) {
    Tributary tributary = Tributary.connect(); // TRIBUTARY_URI says where
    Runtime.getRuntime().addShutdownHook(new Thread(tributary::close)); // Ctrl-C: what is being sent is finished first

    tributary.admin().ensureQueue("mails", QueueConfig.DEFAULT).join();
    JobQueue<String> mails = tributary.queue("mails", Codecs.text());
    for (String address : addresses) {
      mails.enqueue(address).join();
    }

    Worker worker = mails.process(WorkerOptions.concurrency(8), MailService::send);
    worker.ended().join(); // stays up; fails if the worker cannot go on
  }

  /** May block. Returning means done; throwing means that the job comes again later, and becomes a dead letter if it fails too often. */
  private static void send(Job<String> job) throws Exception {
    System.out.println("welcome, " + job.value());
  }
}
