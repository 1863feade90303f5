package dev.tributary.examples.readme

import dev.tributary.config.ClientConfig
import dev.tributary.kotlin.Tributary
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import kotlin.time.Duration.Companion.milliseconds

data class Mail(val address: String)

/** Sends the mails of a queue until it is told to stop. What is given to it is put into the queue first. */
fun main(addresses: Array<String>): Unit = runBlocking {
  Tributary.connect(ClientConfig.fromEnvironment()).use { tributary -> // TRIBUTARY_URI says where
    Runtime.getRuntime().addShutdownHook(Thread { tributary.java.close() }) // Ctrl-C: what is being sent is finished first

    tributary.admin.ensureQueue("mails")
    val mails = tributary.queue<Mail>("mails") // as JSON
    addresses.forEach { mails.enqueue(Mail(it)) }

    mails.process(concurrency = 8) { job -> send(job.value) } // stays up; throws if it cannot go on
  }
}

/** Returning means done; throwing means that the job comes again later, and becomes a dead letter if it fails too often. */
private suspend fun send(mail: Mail) {
  delay(10.milliseconds)
  println("welcome, ${mail.address}")
}
