// The booking bot's data layer as it asks Supabase: the 21 methods of the demo case.
import { createClient } from '@supabase/supabase-js';

const TABLES = Object.freeze({ clients: 'clients', schedules: 'staff_schedules' });
const BATCH = 500;

export class DataLayer {
  constructor(url, key, companyId) {
    this.supabase = createClient(url, key);
    this.companyId = companyId;
    this.services = 'services';
  }

  async getDialogContext(userId) {
    const { data, error } = await this.supabase
      .from('dialog_contexts')
      .select('*')
      .eq('user_id', userId)
      .limit(1)
      .maybeSingle();
    return answer(data, error);
  }

  async upsertDialogContext(userId, context) {
    const row = { user_id: userId, context, last_message_at: new Date().toISOString() };
    return answerOf(await this.supabase.from('dialog_contexts').upsert(row, { onConflict: 'user_id' }).select());
  }

  getClientByPhone = async (phone) =>
    answerOf(await this.supabase.from(TABLES.clients).select('*').eq('phone', phone).limit(1));

  async getClientById(id) {
    return answerOf(await this.supabase.from(TABLES.clients).select()
      .match({ yclients_id: id, company_id: this.companyId }).limit(1).single());
  }

  async getClientAppointments(clientId, options = {}) {
    let query = this.supabase.from('bookings').select('*').eq('client_id', clientId);
    if (options.from) query = query.gte('datetime', options.from);
    if (options.to) {
      query = query.lte('datetime', options.to);
    }
    const { data, error } = await query.order('datetime', { ascending: false }).limit(options.limit || 50);
    return answer(data, error);
  }

  async getUpcomingAppointments(clientId, from) {
    return answerOf(await this.supabase.from('bookings').select('*').eq('client_id', clientId)
      .eq('company_id', this.companyId).gte('datetime', from).eq('deleted', false).order('datetime'));
  }

  async searchClientsByName(name, limit) {
    return answerOf(await this.supabase.from('clients').select('*').eq('company_id', this.companyId)
      .ilike('name', `%${name}%`).order('last_visit_date', { ascending: false, nullsFirst: false }).limit(limit));
  }

  async upsertClient(client) {
    const row = this.row(client);
    return answerOf(await this.supabase.from('clients')
      .upsert({ yclients_id: row.id, company_id: this.companyId, name: row.name, phone: row.phone },
        { onConflict: 'yclients_id,company_id' }).select());
  }

  async upsertClients(clients) {
    const rows = clients.slice(0, BATCH).map((client) => ({
      yclients_id: client.id, company_id: this.companyId, name: client.name, phone: client.phone,
    }));
    return answerOf(await this.supabase.from('clients').upsert(rows, { onConflict: 'yclients_id, company_id' }).select());
  }

  async getStaffById(id) {
    return answerOf(await this.supabase.from('staff').select('*').eq('yclients_id', id).eq('company_id', this.companyId).limit(1));
  }

  async getStaff() {
    return answerOf(await this.supabase.from('staff').select('*').eq('company_id', this.companyId).is('is_active', true).order('name'));
  }

  async getStaffSchedules(from, to) {
    const table = this.supabase.from(TABLES.schedules);
    return answerOf(await table.select('*').eq('company_id', this.companyId).gte('date', from).lte('date', to).order('date'));
  }

  async getStaffSchedule(staffId, date) {
    return answerOf(await this.supabase.from(TABLES['schedules']).select('*').eq('staff_id', staffId)
      .eq('date', date).limit(1));
  }

  async upsertStaffSchedules(schedules) {
    const rows = schedules.map((one) => {
      return {
        company_id: this.companyId, staff_id: one.staff, staff_name: one.name, date: one.date,
        is_working: one.working, work_start: one.start, work_end: one.end, 'day_of_week': one.day,
      };
    });
    return answerOf(await this.supabase.from(TABLES.schedules).upsert(rows, { onConflict: 'staff_id,date' }));
  }

  async getServices() {
    return answerOf(await this.supabase.from(this.services).select('*').eq('company_id', this.companyId)
      .eq('is_active', true).order('weight', { ascending: false }));
  }

  async getServiceById(id) {
    return answerOf(await this.supabase.from(this.services).select('id, title:name, price::text').eq('yclients_id', id)
      .or(`company_id.eq.${this.companyId},and(is_active.is.true,not.price.is.null)`).maybeSingle());
  }

  async getServicesByCategory(category) {
    return answerOf(await this.supabase.from(this.services).select('*').eq('company_id', this.companyId)
      .eq('category_id', category).not('name', 'is', null).filter('is_active', 'eq', true).order('name').range(0, 99));
  }

  async upsertServices(services) {
    return answerOf(await this.supabase.from(this.services).upsert(
      services.map((each) => ({ ...serviceKey(each), name: each.name, price: each.price, duration: each.seconds })),
      { onConflict: 'yclients_id,company_id', ignoreDuplicates: true },
    ));
  }

  async getCompany() {
    return answerOf(await this.supabase.from('companies').select('*').eq('company_id', this.companyId).limit(1));
  }

  async upsertCompany(company) {
    return answerOf(await this.supabase.from('companies')
      .upsert({ id: company.id, company_id: company.id, title: company.title, raw_data: company }, { onConflict: 'company_id' })
      .select('id'));
  }

  async healthCheck() {
    return answerOf(await this.supabase.from('companies').select('company_id', { count: 'exact', head: true }));
  }

  row(from) {
    return from;
  }
}

const serviceKey = ({ id, company }) => ({ yclients_id: id, company_id: company });
const answer = (data, error) => ({ data, error });
const answerOf = ({ data, error }) => answer(data, error);
