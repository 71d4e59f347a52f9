-- The SQL behind the 21 methods of the booking bot's data layer, written for the source's schema.
-- One statement per block; a block starts with a comment line that names its method.

-- name: getDialogContext
SELECT * FROM dialog_contexts WHERE user_id = $1 LIMIT 1;

-- name: upsertDialogContext
INSERT INTO dialog_contexts (user_id, context, last_message_at) VALUES ($1, $2, $3)
ON CONFLICT (user_id) DO UPDATE SET context = EXCLUDED.context, last_message_at = EXCLUDED.last_message_at
RETURNING *;

-- name: getClientByPhone
SELECT * FROM clients WHERE phone = $1 LIMIT 1;

-- name: getClientById
SELECT * FROM clients WHERE yclients_id = $1 AND company_id = $2 LIMIT 1;

-- name: getClientAppointments
SELECT * FROM bookings WHERE client_id = $1 AND datetime >= $2 AND datetime <= $3
ORDER BY datetime DESC LIMIT $4;

-- name: getUpcomingAppointments
SELECT * FROM bookings WHERE client_id = $1 AND company_id = $2 AND datetime >= $3 AND deleted = false
ORDER BY datetime ASC;

-- name: searchClientsByName
SELECT * FROM clients
WHERE company_id = $1 AND name ILIKE $2
ORDER BY last_visit_date DESC NULLS LAST
LIMIT $3;

-- name: upsertClient
INSERT INTO clients (yclients_id, company_id, name, phone)
VALUES ($1, $2, $3, $4)
ON CONFLICT (yclients_id, company_id)
DO UPDATE SET name = EXCLUDED.name, phone = EXCLUDED.phone
RETURNING *;

-- name: upsertClients
INSERT INTO clients (yclients_id, company_id, name, phone)
VALUES ($1, $2, $3, $4), ($5, $6, $7, $8)
ON CONFLICT (yclients_id, company_id)
DO UPDATE SET name = EXCLUDED.name, phone = EXCLUDED.phone
RETURNING *;

-- name: getStaffById
SELECT * FROM staff WHERE yclients_id = $1 AND company_id = $2 LIMIT 1;

-- name: getStaff
SELECT * FROM staff WHERE company_id = $1 AND is_active = true ORDER BY name ASC;

-- name: getStaffSchedules
SELECT * FROM staff_schedules
WHERE company_id = $1 AND date >= $2 AND date <= $3
ORDER BY date ASC;

-- name: getStaffSchedule
SELECT * FROM staff_schedules WHERE staff_id = $1 AND date = $2 AND company_id = $3 LIMIT 1;

-- name: upsertStaffSchedules
INSERT INTO staff_schedules (company_id, staff_id, staff_name, date, is_working, work_start, work_end, day_of_week)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (staff_id, date)
DO UPDATE SET is_working = EXCLUDED.is_working, work_start = EXCLUDED.work_start, work_end = EXCLUDED.work_end
RETURNING *;

-- name: getServices
SELECT * FROM services WHERE company_id = $1 AND is_active = true ORDER BY weight DESC;

-- name: getServiceById
SELECT * FROM services WHERE yclients_id = $1 AND company_id = $2 LIMIT 1;

-- name: getServicesByCategory
SELECT * FROM services WHERE company_id = $1 AND category_id = $2 AND is_active = true ORDER BY name ASC;

-- name: upsertServices
INSERT INTO services (yclients_id, company_id, name, price, duration)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (yclients_id, company_id)
DO UPDATE SET name = EXCLUDED.name, price = EXCLUDED.price
RETURNING *;

-- name: getCompany
SELECT * FROM companies WHERE company_id = $1 LIMIT 1;

-- name: upsertCompany
INSERT INTO companies (id, company_id, title, raw_data) VALUES ($1, $2, $3, $4)
ON CONFLICT (company_id) DO UPDATE SET title = EXCLUDED.title, raw_data = EXCLUDED.raw_data
RETURNING *;

-- name: healthCheck
SELECT company_id FROM companies WHERE company_id = $1 LIMIT 1;
